//! One transaction on its way through the writer, without its types.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{CellError, Transaction, WriteError};

/// What became of a transaction when it ran.
pub(super) enum Verdict {
    Keep,
    Undo,
    Panicked(String),
}

impl Verdict {
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Verdict::Keep => "kept",
            Verdict::Undo => "undone",
            Verdict::Panicked(_) => "panicked",
        }
    }
}

/// A transaction and whoever waits for it.
pub(super) trait Job: Send {
    fn run(&mut self, transaction: &mut Transaction) -> Verdict;
    /// The transaction's own answer: everything it saw is durable.
    fn answer(self: Box<Self>);
    fn panicked(self: Box<Self>, message: String);
    fn failed(self: Box<Self>, error: CellError);
}

pub(super) fn boxed<F, T, E>(
    transaction: F,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
) -> Box<dyn Job>
where
    F: FnOnce(&mut Transaction) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    Box::new(Typed { transaction: Some(transaction), outcome: None, reply })
}

struct Typed<F, T, E> {
    transaction: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
}

impl<F, T, E> Job for Typed<F, T, E>
where
    F: FnOnce(&mut Transaction) -> Result<T, E> + Send,
    T: Send,
    E: Send,
{
    fn run(&mut self, transaction: &mut Transaction) -> Verdict {
        let run = self.transaction.take().expect("the writer runs a job once");
        // What a panic leaves behind is undone by the writer, or ends the cell if it cannot be.
        match catch_unwind(AssertUnwindSafe(|| run(transaction))) {
            Ok(outcome) => {
                let verdict = if outcome.is_ok() { Verdict::Keep } else { Verdict::Undo };
                self.outcome = Some(outcome);
                verdict
            }
            Err(panic) => Verdict::Panicked(panic_message(&*panic)),
        }
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // A caller that has gone away needs no answer.
            drop(self.reply.send(outcome.map_err(WriteError::Aborted)));
        }
    }

    fn panicked(self: Box<Self>, message: String) {
        drop(self.reply.send(Err(WriteError::Panicked(message))));
    }

    fn failed(self: Box<Self>, error: CellError) {
        drop(self.reply.send(Err(WriteError::Cell(error))));
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

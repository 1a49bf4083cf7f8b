//! One writer, any number of readers: transactions over the tables, made durable in groups.
//!
//! A [`Cell`] owns the tables. Its writer runs one transaction after another on its own copy; while the
//! store makes one batch durable, the writer already executes the next. When a batch is durable, its
//! snapshot is published, its changes are announced and its callers are answered, in that order: so
//! whoever got an answer reads their own write, and nobody ever sees what could still be lost.
//!
//! An aborted transaction is undone whole. A failed commit ends the cell: what the writer holds in memory
//! is then ahead of the store, and only a restart makes them agree.
//!
//! Nothing here knows what the tables mean. Start with `writer.rs`.

mod changes;
mod derivation;
mod error;
mod job;
mod open;
mod snapshot;
mod transaction;
mod writer;

use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_store::Store;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use changes::{Changes, Commit, Feed};
pub use derivation::Derivation;
pub use error::{CellError, OpenError, WriteError};
pub(crate) use job::panic_message;
pub use open::Options;
pub use snapshot::Snapshot;
pub use transaction::Transaction;

use crate::tables::Schema;

/// A handle to the tables of one cell. Cheap to clone; the writer ends when the last handle is gone.
#[derive(Clone)]
pub struct Cell {
    requests: mpsc::Sender<Request>,
    shared: Arc<Shared>,
}

/// What the writer and the handles have in common.
struct Shared {
    published: ArcSwap<snapshot::Published>,
    /// Weak, so that subscribers see the writer's end.
    commits: broadcast::WeakSender<Arc<Commit>>,
    ended: watch::Sender<Option<CellError>>,
}

/// What handles ask of the writer.
enum Request {
    Run(Box<dyn job::Job>),
    /// Take nothing more; answer when everything is durable.
    Close(oneshot::Sender<()>),
}

impl Cell {
    /// Waits to lead the store, loads it and starts the writer, on the current tokio runtime.
    pub async fn open(store: Arc<dyn Store>, schema: Schema) -> Result<Cell, OpenError> {
        Cell::open_with(store, schema, Options::default()).await
    }

    pub async fn open_with(
        store: Arc<dyn Store>,
        schema: Schema,
        options: Options,
    ) -> Result<Cell, OpenError> {
        open::open(store, schema, options).await
    }

    /// Every committed transaction so far. Never waits, neither for the writer nor for the store.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.shared.published.load_full())
    }

    /// Runs `transaction` on the writer, after those that were sent before it, and answers once everything
    /// it wrote *and everything it read* is durable. On `Err` all it wrote is undone.
    ///
    /// It runs between other transactions on the writer's thread: it must not block or compute for long.
    /// Dropping the returned future does not take the transaction back once it was sent.
    pub async fn write<T, E, F>(&self, transaction: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&mut Transaction) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = job::boxed(transaction, reply);
        if self.requests.send(Request::Run(job)).await.is_err() {
            return Err(WriteError::Cell(self.why_ended()));
        }
        // The writer answers every job it takes; one that it never took ended with it.
        answer.await.unwrap_or_else(|_| Err(WriteError::Cell(self.why_ended())))
    }

    /// What is committed from now on. Subscribe first and take a snapshot then, and nothing is missed.
    pub fn changes(&self) -> Changes {
        Changes::new(self.shared.commits.upgrade().map(|commits| commits.subscribe()))
    }

    /// Resolves when the cell has ended, with the reason: a process should then exit.
    pub async fn failed(&self) -> CellError {
        let mut ended = self.shared.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(CellError::Closed),
            Err(_) => CellError::Closed,
        }
    }

    /// Takes no more transactions, finishes those that were sent, and returns when the last is durable.
    pub async fn close(&self) -> Result<(), CellError> {
        let (reply, answer) = oneshot::channel();
        if self.requests.send(Request::Close(reply)).await.is_ok() && answer.await.is_ok() {
            return Ok(());
        }
        match self.why_ended() {
            CellError::Closed => Ok(()),
            error => Err(error),
        }
    }

    fn why_ended(&self) -> CellError {
        self.shared.ended.borrow().clone().unwrap_or(CellError::Closed)
    }
}

#[cfg(test)]
pub(crate) mod tests;

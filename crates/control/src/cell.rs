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
//! Several servers may have one store. Then each has a cell that *follows* ([`Cell::follow`]): it applies what the leader
//! commits, and becomes the writer in place when it is elected. It never goes back: a leader that is deposed ends, since its
//! memory may be ahead of the store.
//!
//! Nothing here knows what the tables mean. Start with `writer.rs`, then `follower.rs`.

mod barrier;
mod changes;
mod course;
mod derivation;
mod error;
mod follower;
mod job;
mod open;
mod remembered;
mod sight;
mod snapshot;
mod task;
mod transaction;
mod writer;

use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_store::{Leader, Revision, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

pub use changes::{Changes, Commit, Feed};
pub use course::Standing;
pub use derivation::Derivation;
pub use error::{CellError, OpenError, WriteError};
pub(crate) use job::panic_message;
pub use open::Options;
pub use remembered::Remembered;
pub use sight::Sight;
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
    course: course::Course,
    /// None if this server leads alone.
    election: Option<Election>,
}

/// What handles ask of a store that several servers have.
struct Election {
    barrier: barrier::Barrier,
    leader: watch::Receiver<Option<Leader>>,
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

    /// Loads the store, which other servers write as well, and applies what they commit; and campaigns for the leadership
    /// under [`Options::candidate`], which is told to the others. On the current tokio runtime.
    pub async fn follow(
        store: Arc<dyn Store>,
        schema: Schema,
        options: Options,
    ) -> Result<Cell, OpenError> {
        open::follow(store, schema, options).await
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

    /// Resolves when the cell has ended, with the reason.
    pub async fn failed(&self) -> CellError {
        match self.until(|standing| matches!(standing, Standing::Ended(_))).await {
            Standing::Ended(reason) => reason,
            Standing::Following { .. } | Standing::Leading => unreachable!("it was waited for"),
        }
    }

    pub fn standing(&self) -> Standing {
        self.shared.course.look(|place| place.standing.clone())
    }

    /// Waits until the cell stands so.
    pub async fn until(&self, is_wanted: impl Fn(&Standing) -> bool) -> Standing {
        let wanted =
            |place: &course::Place| is_wanted(&place.standing).then(|| place.standing.clone());
        self.shared.course.until(wanted).await
    }

    /// Who leads, as far as the store knows, also after this cell has ended. `None` too if this server leads alone.
    pub fn leader(&self) -> Option<Leader> {
        self.shared.election.as_ref()?.leader.borrow().clone()
    }

    /// Waits until snapshots have all that anybody was told of before this was called, whichever server told them.
    pub async fn caught_up(&self) -> Result<(), CellError> {
        let Some(election) = &self.shared.election else { return Ok(()) };
        let needed = self.shared.course.look(|place| match &place.standing {
            Standing::Following { .. } => Ok(None),
            // A follower may have seen, and told of, what is durable and not yet visible here.
            Standing::Leading => Ok(Some(place.sealed)),
            Standing::Ended(reason) => Err(reason.clone()),
        })?;
        let needed = match needed {
            Some(sealed) => sealed,
            None => election.barrier.head().await.map_err(CellError::Unsure)?,
        };
        let reached = |place: &course::Place| match &place.standing {
            _ if place.applied >= needed => Some(Ok(())),
            Standing::Ended(reason) => Some(Err(reason.clone())),
            Standing::Following { .. } | Standing::Leading => None,
        };
        self.shared.course.until(reached).await
    }

    /// Whether what was read here since [`Cell::caught_up`] may be told. To be asked last: a leader that was paused
    /// in the meantime may have been replaced, and would answer from the past.
    pub fn may_tell(&self) -> bool {
        self.shared.course.look(|place| match &place.standing {
            Standing::Following { .. } => true,
            Standing::Leading => place.lease.as_ref().is_none_or(|lease| lease.holds()),
            Standing::Ended(_) => self.shared.election.is_none(),
        })
    }

    /// The newest batch that snapshots have.
    pub fn applied(&self) -> Revision {
        self.shared.course.look(|place| place.applied)
    }

    /// The newest batch that the store has; `None` if this server leads alone.
    pub async fn head(&self) -> Option<Result<Revision, CellError>> {
        let election = self.shared.election.as_ref()?;
        Some(election.barrier.head().await.map_err(CellError::Unsure))
    }

    /// Takes no more transactions, finishes those that were sent, and returns when the last is durable. One of several
    /// servers gives up the leadership then, or withdraws from the election.
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
        self.shared.course.ended().unwrap_or(CellError::Closed)
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The one task that changes tables.
//!
//! Two groups of transactions exist at any time: one that the store is making durable, and one that is
//! being executed on top of it. When the first is durable the second is sealed and handed to the store:
//! however long a commit takes, the next one carries everything that arrived meanwhile.
//!
//! A transaction that wrote nothing, or was undone, may have read what is not durable yet. So its answer
//! waits for the same commit as its neighbours' do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use berth_store::{Batch, Fence, Leadership, Store, StoreError, Write};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::job::{Job, Verdict, panic_message};
use super::snapshot::Published;
use super::{CellError, Commit, Options, Request, Shared, Transaction};
use crate::tables::Change;

pub(super) struct Writer {
    store: Arc<dyn Store>,
    fence: Fence,
    lost: watch::Receiver<bool>,
    transaction: Transaction,
    requests: mpsc::Receiver<Request>,
    commits: broadcast::Sender<Arc<Commit>>,
    shared: Arc<Shared>,
    options: Options,
    /// Executed, not yet handed to the store.
    group: Group,
    closers: Vec<oneshot::Sender<()>>,
}

/// Transactions that become durable together.
#[derive(Default)]
struct Group {
    writes: Vec<Write>,
    bytes: usize,
    changes: Vec<Change>,
    jobs: Vec<Box<dyn Job>>,
}

/// A group that the store is making durable.
struct InFlight {
    commit: BoxFuture<'static, Result<(), StoreError>>,
    begun: Instant,
    published: Published,
    changes: Vec<Change>,
    jobs: Vec<Box<dyn Job>>,
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        leadership: Leadership,
        transaction: Transaction,
        requests: mpsc::Receiver<Request>,
        commits: broadcast::Sender<Arc<Commit>>,
        shared: Arc<Shared>,
        options: Options,
    ) -> Self {
        let Leadership { fence, lost, .. } = leadership;
        let (group, closers) = (Group::default(), Vec::new());
        Writer {
            store,
            fence,
            lost,
            transaction,
            requests,
            commits,
            shared,
            options,
            group,
            closers,
        }
    }

    pub(super) async fn run(mut self) {
        let mut in_flight = None;
        let ended = self.serve(&mut in_flight).await;
        self.requests.close();
        let reason = match ended {
            Ok(()) => CellError::Closed,
            Err(error) => {
                tracing::error!(%error, "the cell has ended");
                error
            }
        };
        // The reason is known before anybody is told that there is one.
        self.shared.ended.send_replace(Some(reason.clone()));
        let unanswered = in_flight
            .into_iter()
            .flat_map(|flight: InFlight| flight.jobs)
            .chain(self.group.jobs.drain(..));
        unanswered.for_each(|job| job.failed(reason.clone()));
        while let Ok(request) = self.requests.try_recv() {
            if let Request::Run(job) = request {
                job.failed(reason.clone());
            }
        }
        let closers = std::mem::take(&mut self.closers);
        // Lets go of the store first: whoever closes a cell may want to open its store again.
        drop(self);
        if reason == CellError::Closed {
            for closer in closers {
                // Whoever wanted the cell closed may have stopped waiting.
                let _ = closer.send(());
            }
        }
    }

    /// Runs transactions until every handle is gone or the cell is closed, and all is durable.
    async fn serve(&mut self, in_flight: &mut Option<InFlight>) -> Result<(), CellError> {
        let mut lost = self.lost.clone();
        let mut lost =
            std::pin::pin!(async move { lost.wait_for(|lost| *lost).await.is_ok() }.fuse());
        let mut open = true;
        loop {
            if in_flight.is_none() {
                *in_flight = self.seal();
            }
            if in_flight.is_none() && !open {
                return Ok(());
            }
            tokio::select! {
                biased;
                // A store that has dropped its side has no more to say about leadership; its commits will.
                true = &mut lost => return Err(CellError::LeadershipLost),
                result = committed(in_flight), if in_flight.is_some() => {
                    result.map_err(|error| CellError::Commit(Arc::new(error)))?;
                    in_flight.take().into_iter().for_each(|flight| self.complete(flight));
                }
                request = self.requests.recv(), if open && !self.is_full() => match request {
                    None => open = false,
                    Some(request) => self.take(request)?,
                }
            }
        }
    }

    /// Executes a request and those that already wait behind it, as far as the group has room.
    fn take(&mut self, request: Request) -> Result<(), CellError> {
        self.handle(request)?;
        while !self.is_full()
            && let Ok(request) = self.requests.try_recv()
        {
            self.handle(request)?;
        }
        Ok(())
    }

    fn handle(&mut self, request: Request) -> Result<(), CellError> {
        match request {
            Request::Run(job) => self.execute(job),
            Request::Close(closer) => {
                self.requests.close();
                self.closers.push(closer);
                Ok(())
            }
        }
    }

    fn is_full(&self) -> bool {
        self.group.jobs.len() >= self.options.batch_transactions.max(1)
            || self.group.bytes >= self.options.batch_bytes
    }

    fn execute(&mut self, mut job: Box<dyn Job>) -> Result<(), CellError> {
        let verdict = self.run_with_derivations(&mut *job);
        if let (Verdict::Panicked(reason), Some(table)) = (&verdict, self.transaction.broken()) {
            let error = CellError::Broken { table: Some(table), reason: reason.clone() };
            job.failed(error.clone());
            return Err(error);
        }
        let (transaction, group) = (&mut self.transaction, &mut self.group);
        let already = group.writes.len();
        let kept = matches!(verdict, Verdict::Keep);
        // The service's own code runs here once more: keys, indexes, encodings.
        let applied = catch_unwind(AssertUnwindSafe(|| match kept {
            true => transaction.finish(&mut group.writes, &mut group.changes),
            false => {
                transaction.undo();
                false
            }
        }));
        if let Err(panic) = applied {
            let error =
                CellError::Broken { table: transaction.broken(), reason: panic_message(&*panic) };
            job.failed(error.clone());
            return Err(error);
        }
        group.bytes += group.writes[already..].iter().map(Write::size).sum::<usize>();
        metrics::counter!("berth_cell_transactions_total", "outcome" => verdict.as_str())
            .increment(1);
        match verdict {
            Verdict::Panicked(message) => {
                tracing::error!(message, "a transaction panicked and was undone");
                job.panicked(message);
            }
            Verdict::Keep | Verdict::Undo => group.jobs.push(job),
        }
        Ok(())
    }

    /// The transaction, and what follows from it: a derivation that panics takes it along.
    fn run_with_derivations(&mut self, job: &mut dyn Job) -> Verdict {
        let verdict = job.run(&mut self.transaction);
        if !matches!(verdict, Verdict::Keep) {
            return verdict;
        }
        match catch_unwind(AssertUnwindSafe(|| self.transaction.derive())) {
            Ok(()) => verdict,
            Err(panic) => Verdict::Panicked(panic_message(&*panic)),
        }
    }

    /// Hands what was executed to the store; or, if none of it wrote, answers at once: all it read is durable.
    fn seal(&mut self) -> Option<InFlight> {
        let group = std::mem::take(&mut self.group);
        if group.writes.is_empty() {
            group.jobs.into_iter().for_each(|job| job.answer());
            return None;
        }
        metrics::histogram!("berth_cell_batch_transactions").record(group.jobs.len() as f64);
        let (store, fence, batch) =
            (self.store.clone(), self.fence, Batch { writes: group.writes });
        let commit = async move { store.commit(fence, batch).await.map(drop) }.boxed();
        let published = self.transaction.publish();
        Some(InFlight {
            commit,
            begun: Instant::now(),
            published,
            changes: group.changes,
            jobs: group.jobs,
        })
    }

    /// The group is durable: publish, announce, answer. In this order, whoever has an answer sees its effect.
    fn complete(&mut self, flight: InFlight) {
        metrics::histogram!("berth_cell_commit_seconds")
            .record(flight.begun.elapsed().as_secs_f64());
        let revision = flight.published.revision;
        self.shared.published.store(Arc::new(flight.published));
        // Nobody may be listening.
        drop(self.commits.send(Arc::new(Commit { revision, changes: flight.changes })));
        flight.jobs.into_iter().for_each(|job| job.answer());
    }
}

/// The outcome of the commit in flight; never, if there is none.
async fn committed(in_flight: &mut Option<InFlight>) -> Result<(), StoreError> {
    match in_flight {
        Some(flight) => (&mut flight.commit).await,
        None => std::future::pending().await,
    }
}

impl Drop for Writer {
    /// A writer that panicked, or whose runtime went away, still says that it has ended.
    fn drop(&mut self) {
        self.shared.ended.send_if_modified(|ended| {
            let vanished = ended.is_none();
            if vanished {
                *ended = Some(CellError::Vanished);
            }
            vanished
        });
    }
}

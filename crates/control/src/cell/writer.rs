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

use berth_store::{Batch, Fence, Leadership, Revision, StoreError, Write};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;

use super::job::{Job, Verdict, panic_message};
use super::snapshot::Published;
use super::task::Task;
use super::{CellError, Request, Standing};
use crate::tables::Change;

pub(super) struct Writer {
    task: Task,
    fence: Fence,
    lost: watch::Receiver<bool>,
    /// What is given up at the end, if other servers wait for it.
    resigns: Option<Fence>,
    /// Executed, not yet handed to the store.
    group: Group,
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
    commit: BoxFuture<'static, Result<Revision, StoreError>>,
    begun: Instant,
    published: Published,
    changes: Vec<Change>,
    jobs: Vec<Box<dyn Job>>,
}

impl Writer {
    /// From now on the cell leads.
    pub(super) fn new(task: Task, leadership: Leadership, resigns: Option<Fence>) -> Self {
        let Leadership { fence, lost, lease } = leadership;
        task.shared.course.move_on(|place| {
            (place.standing, place.lease) = (Standing::Leading, Some(lease));
        });
        metrics::gauge!("berth_cell_leading").set(1);
        Writer { task, fence, lost, resigns, group: Group::default() }
    }

    pub(super) async fn run(mut self) {
        let mut in_flight = None;
        let reason = self.serve(&mut in_flight).await.err().unwrap_or(CellError::Closed);
        let Writer { task, resigns, group, .. } = self;
        let unanswered = in_flight.into_iter().flat_map(|flight: InFlight| flight.jobs);
        let unanswered = unanswered.chain(group.jobs).collect();
        task.end(reason, resigns, unanswered).await;
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
                    let revision = result.map_err(|error| CellError::Commit(Arc::new(error)))?;
                    in_flight.take().into_iter().for_each(|flight| self.complete(flight, revision));
                }
                request = self.task.requests.recv(), if open && !self.is_full() => match request {
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
            && let Ok(request) = self.task.requests.try_recv()
        {
            self.handle(request)?;
        }
        Ok(())
    }

    fn handle(&mut self, request: Request) -> Result<(), CellError> {
        match request {
            Request::Run(job) => self.execute(job),
            Request::Close(closer) => {
                self.task.requests.close();
                self.task.closers.push(closer);
                Ok(())
            }
        }
    }

    fn is_full(&self) -> bool {
        self.group.jobs.len() >= self.task.options.batch_transactions.max(1)
            || self.group.bytes >= self.task.options.batch_bytes
    }

    fn execute(&mut self, mut job: Box<dyn Job>) -> Result<(), CellError> {
        let verdict = self.run_with_derivations(&mut *job);
        if let (Verdict::Panicked(reason), Some(table)) = (&verdict, self.task.transaction.broken())
        {
            let error = CellError::Broken { table: Some(table), reason: reason.clone() };
            job.failed(error.clone());
            return Err(error);
        }
        let (transaction, group) = (&mut self.task.transaction, &mut self.group);
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
        let verdict = job.run(&mut self.task.transaction);
        if !matches!(verdict, Verdict::Keep) {
            return verdict;
        }
        match catch_unwind(AssertUnwindSafe(|| self.task.transaction.derive())) {
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
        self.task.shared.course.seal();
        let (store, fence, batch) =
            (self.task.store.clone(), self.fence, Batch { writes: group.writes });
        let commit = async move { store.commit(fence, batch).await }.boxed();
        let published = self.task.transaction.publish();
        Some(InFlight {
            commit,
            begun: Instant::now(),
            published,
            changes: group.changes,
            jobs: group.jobs,
        })
    }

    /// The group is durable: publish, announce, answer. In this order, whoever has an answer sees its effect.
    fn complete(&mut self, flight: InFlight, revision: Revision) {
        metrics::histogram!("berth_cell_commit_seconds")
            .record(flight.begun.elapsed().as_secs_f64());
        self.task.show(flight.published, flight.changes, revision);
        flight.jobs.into_iter().for_each(|job| job.answer());
    }
}

/// The outcome of the commit in flight; never, if there is none.
async fn committed(in_flight: &mut Option<InFlight>) -> Result<Revision, StoreError> {
    match in_flight {
        Some(flight) => (&mut flight.commit).await,
        None => std::future::pending().await,
    }
}

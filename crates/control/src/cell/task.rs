//! The one task of a cell, whichever part it plays: what it works with, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use berth_store::{Fence, Revision, Store};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::job::Job;
use super::snapshot::Published;
use super::{CellError, Commit, Options, Request, Shared, Transaction};
use crate::tables::Change;

/// How long the store may take to hear that this server leads no more. Its lease ends by itself, too.
const RESIGNING: Duration = Duration::from_secs(2);

pub(super) struct Task {
    pub store: Arc<dyn Store>,
    pub transaction: Transaction,
    pub requests: mpsc::Receiver<Request>,
    pub commits: broadcast::Sender<Arc<Commit>>,
    pub shared: Arc<Shared>,
    pub options: Options,
    pub closers: Vec<oneshot::Sender<()>>,
}

impl Task {
    /// A batch is durable: readers see it, then subscribers hear of it.
    pub fn show(&self, published: Published, changes: Vec<Change>, applied: Revision) {
        let revision = published.revision;
        self.shared.published.store(Arc::new(published));
        self.shared.course.move_on(|place| {
            place.applied = applied;
            place.sealed = applied;
        });
        metrics::gauge!("berth_cell_revision").set(applied.0 as f64);
        // Nobody may be listening.
        drop(self.commits.send(Arc::new(Commit { revision, changes })));
    }

    /// Ends the cell. `led` is given up, so that another server need not wait for a lease to end.
    pub async fn end(
        mut self,
        reason: CellError,
        led: Option<Fence>,
        unanswered: Vec<Box<dyn Job>>,
    ) {
        self.requests.close();
        metrics::gauge!("berth_cell_leading").set(0);
        if reason != CellError::Closed {
            tracing::error!(error = %reason, "the cell has ended");
        }
        // The reason is known before anybody is told that there is one.
        self.shared.course.end(reason.clone());
        unanswered.into_iter().for_each(|job| job.failed(reason.clone()));
        while let Ok(request) = self.requests.try_recv() {
            if let Request::Run(job) = request {
                job.failed(reason.clone());
            }
        }
        if let Some(fence) = led {
            let resigned = tokio::time::timeout(RESIGNING, self.store.resign(fence)).await;
            if !matches!(resigned, Ok(Ok(()))) {
                tracing::warn!("the store may not know yet that this server leads no more");
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
}

impl Drop for Task {
    /// A task that panicked, or whose runtime went away, still says that it has ended.
    fn drop(&mut self) {
        self.shared.course.end(CellError::Vanished);
    }
}

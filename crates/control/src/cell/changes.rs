//! What has been committed, told to whoever listens.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::tables::{Change, Revision};

/// The transactions of one durable batch.
#[derive(Debug)]
pub struct Commit {
    /// Of the last transaction in it: a snapshot at this revision or later includes them all.
    pub revision: Revision,
    /// In the order of the transactions; within one, by table and key.
    pub changes: Vec<Change>,
}

/// What a subscriber hears next.
#[derive(Debug, Clone)]
pub enum Feed {
    Committed(Arc<Commit>),
    /// This subscriber was too slow and has missed commits: whatever it derived from changes has to be
    /// derived again from a snapshot. The writer never waits for a subscriber.
    Resync,
}

/// A subscription to a cell's commits, in order and, but for [`Feed::Resync`], without a gap.
#[derive(Debug)]
pub struct Changes {
    /// None: the cell had ended before.
    commits: Option<broadcast::Receiver<Arc<Commit>>>,
}

impl Changes {
    pub(super) fn new(commits: Option<broadcast::Receiver<Arc<Commit>>>) -> Self {
        Changes { commits }
    }

    /// Waits for the next commit; `None` when the cell has ended. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Feed> {
        match self.commits.as_mut()?.recv().await {
            Ok(commit) => Some(Feed::Committed(commit)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Feed::Resync),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// What has been committed already and not been heard yet, if anything, without waiting.
    pub fn try_next(&mut self) -> Option<Feed> {
        match self.commits.as_mut()?.try_recv() {
            Ok(commit) => Some(Feed::Committed(commit)),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(Feed::Resync),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => {
                None
            }
        }
    }
}

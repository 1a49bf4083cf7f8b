//! The latest batches, kept for followers.
//!
//! Followers share one bounded queue and each keep their place in it. Nobody waits for a slow one: it
//! finds its place gone, is told so, and loads again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::{Batch, Committed, Revision, StoreError, Write};

/// How many batches, and how many bytes of them, followers can be behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) batches: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct History {
    kept: Arc<Mutex<Kept>>,
    /// The newest revision. Its sender's end is the store's.
    latest: watch::Receiver<Revision>,
}

#[derive(Debug)]
struct Kept {
    batches: VecDeque<Committed>,
    bytes: usize,
    /// The revision before the oldest batch that is kept.
    oldest: Revision,
}

/// The side that commits.
#[derive(Debug)]
pub(crate) struct Recorder {
    history: History,
    latest: watch::Sender<Revision>,
    room: Room,
}

impl Recorder {
    /// Nothing before `start` can be followed.
    pub(crate) fn new(start: Revision, room: Room) -> Self {
        let (latest, seen) = watch::channel(start);
        let kept = Kept { batches: VecDeque::new(), bytes: 0, oldest: start };
        Recorder {
            history: History { kept: Arc::new(Mutex::new(kept)), latest: seen },
            latest,
            room,
        }
    }

    pub(crate) fn history(&self) -> History {
        self.history.clone()
    }

    /// A batch is durable.
    pub(crate) fn record(&self, revision: Revision, batch: Batch) {
        let mut kept = self.history.lock();
        kept.bytes += size(&batch);
        kept.batches.push_back(Committed { revision, batch: Arc::new(batch) });
        while kept.batches.len() > self.room.batches || kept.bytes > self.room.bytes {
            let Some(oldest) = kept.batches.pop_front() else { break };
            kept.bytes -= size(&oldest.batch);
            kept.oldest = oldest.revision;
        }
        drop(kept);
        self.latest.send_replace(revision);
    }
}

fn size(batch: &Batch) -> usize {
    batch.writes.iter().map(Write::size).sum()
}

impl History {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No code that can panic runs while the queue is being changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        self.after(from)?;
        let follower = Some((self.clone(), from));
        Ok(stream::unfold(follower, |follower| async move {
            let (mut history, at) = follower?;
            loop {
                history.latest.mark_unchanged();
                match history.after(at) {
                    Ok(Some(committed)) => {
                        let at = committed.revision;
                        return Some((Ok(committed), Some((history, at))));
                    }
                    Ok(None) => history.latest.changed().await.ok()?,
                    Err(error) => return Some((Err(error), None)),
                }
            }
        })
        .boxed())
    }

    /// The first batch after `from`, if there is one yet.
    fn after(&self, from: Revision) -> Result<Option<Committed>, StoreError> {
        let kept = self.lock();
        if from < kept.oldest {
            return Err(StoreError::Compacted { from, oldest: kept.oldest });
        }
        let next = kept.batches.partition_point(|committed| committed.revision <= from);
        Ok(kept.batches.get(next).cloned())
    }
}

//! Batches for followers: read from the log until there are no more, then as they come.
//!
//! A watch that breaks, or whose revision etcd has compacted away, is begun anew after another look at the log,
//! which is what is true. Only if the log no longer has the next batch is the follower told to load again.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};

use super::Place;
use super::client::{Watcher, jittered};
use super::failure::Failure;
use super::log::{self, Logged};
use super::messages::RangeRequest;
use super::request::range;
use crate::{Committed, Revision, StoreError};

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

struct Follower {
    place: Place,
    at: Revision,
    ready: VecDeque<Committed>,
    watcher: Option<Watcher>,
    failures: usize,
    pause: Duration,
}

pub(super) async fn follow(
    place: Place,
    from: Revision,
) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
    let oldest = oldest(&place).await.map_err(|failure| place.failed(failure))?;
    let head = place.head().await?;
    // Whoever is ahead follows something else, such as what was there before a backup was restored.
    if from < oldest || from > head {
        return Err(StoreError::Compacted {
            from,
            oldest: if from > head { head } else { oldest },
        });
    }
    let (ready, pause) = (VecDeque::new(), SHORTEST_PAUSE);
    let follower = Follower { place, at: from, ready, watcher: None, failures: 0, pause };
    Ok(stream::unfold(Some(follower), |follower| async move {
        let mut follower = follower?;
        match follower.next().await {
            Ok(committed) => Some((Ok(committed), Some(follower))),
            Err(error) => Some((Err(error), None)),
        }
    })
    .boxed())
}

/// The revision before the first entry of the log.
async fn oldest(place: &Place) -> Result<Revision, Failure> {
    let request = RangeRequest { limit: 1, keys_only: true, ..range(&place.layout.whole_log()) };
    let found = place.client.range(request).await?;
    // Before the first commit there is none.
    let first = found.kvs.first().and_then(|kv| place.layout.logged(&kv.key));
    Ok(Revision(first.map_or(0, |first| first.0.saturating_sub(1))))
}

impl Follower {
    async fn next(&mut self) -> Result<Committed, StoreError> {
        loop {
            if let Some(committed) = self.ready.pop_front() {
                self.at = committed.revision;
                return Ok(committed);
            }
            match self.fetch().await {
                Ok(()) => self.pause = SHORTEST_PAUSE,
                Err(failure) if failure.may_pass() || matches!(failure, Failure::Compacted) => {
                    tracing::debug!(?failure, at = %self.at, "the watch of the log is begun anew");
                    self.watcher = None;
                    self.failures += 1;
                    tokio::time::sleep(jittered(self.pause)).await;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                    self.check().await?;
                }
                Err(failure) => return Err(self.place.failed(failure)),
            }
        }
    }

    /// Gets some batches ready, or none.
    async fn fetch(&mut self) -> Result<(), Failure> {
        match &mut self.watcher {
            None => self.catch_up().await,
            Some(watcher) => {
                for event in watcher.next().await? {
                    let Some(kv) = event.kv.filter(|_| event.kind == 0) else { continue };
                    let logged = log::batch(&self.place, &kv, kv.mod_revision).await?;
                    self.take(logged)?;
                }
                Ok(())
            }
        }
    }

    /// Reads the log, and watches it from where it ends.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        let page = log::read(&self.place, self.at, 0).await?;
        let at = page.at;
        for logged in page.batches {
            self.take(logged)?;
        }
        if !page.more {
            let log = self.place.layout.whole_log();
            let watcher = self.place.client.watch(&log, at + 1, self.failures).await?;
            self.watcher = Some(watcher);
        }
        Ok(())
    }

    fn take(&mut self, logged: Logged) -> Result<(), Failure> {
        let newest = self.ready.back().map_or(self.at, |committed| committed.revision);
        if logged.revision <= newest {
            return Ok(());
        }
        if logged.revision.0 != newest.0 + 1 {
            return Err(Failure::Compacted);
        }
        let (revision, batch) = (logged.revision, logged.batch.into());
        self.ready.push_back(Committed { revision, batch });
        Ok(())
    }

    /// Whether the log still has what comes next.
    async fn check(&mut self) -> Result<(), StoreError> {
        let from = self.at;
        match oldest(&self.place).await {
            Ok(oldest) if from < oldest && self.ready.is_empty() => {
                Err(StoreError::Compacted { from, oldest })
            }
            Ok(_) => Ok(()),
            Err(failure) if failure.may_pass() => Ok(()),
            Err(failure) => Err(self.place.failed(failure)),
        }
    }
}

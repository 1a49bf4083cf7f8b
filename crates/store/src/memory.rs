//! A store in memory, for tests and the simulator: as durable as its clones, and able to fail on command.
//!
//! Clones are one server's, one after the other. [`MemoryStore::peer`] is another server's, over the same
//! records. [`MemoryStore::crash`] is what pulling a server's plug is to a disk: what was committed stays,
//! what was being committed is gone, and if it led, it leads no more.
//!
//! `election.rs` has who leads and who waits to.

mod election;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::{oneshot, watch};

use self::election::{Election, Server};
use crate::history::{Recorder, Room};
use crate::{
    Batch, Committed, Fence, Key, Leader, Leadership, Loaded, Revision, Store, StoreError, Write,
};

/// A store whose disk is this process's memory.
#[derive(Clone)]
pub struct MemoryStore {
    disk: Arc<Mutex<Disk>>,
    /// Commits take turns, in the order they were asked for.
    turn: Arc<tokio::sync::Mutex<()>>,
    server: Server,
}

/// What goes wrong from now on.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// How long every commit takes, in tokio's time.
    pub delay: Duration,
    /// So many commits, from the next, fail without having written.
    pub refuse: u32,
    /// So many commits after those are written and yet reported as failed.
    pub lose_answer: u32,
}

struct Disk {
    records: BTreeMap<Key, Bytes>,
    revision: Revision,
    election: Election,
    recorder: Recorder,
    faults: Faults,
    /// How often each server has crashed.
    crashes: BTreeMap<Server, u64>,
}

impl MemoryStore {
    pub fn new() -> Self {
        MemoryStore::with_history(1024)
    }

    /// Followers may be this many batches behind.
    pub fn with_history(batches: usize) -> Self {
        let room = Room { batches, bytes: usize::MAX };
        let disk = Disk {
            records: BTreeMap::new(),
            revision: Revision(0),
            election: Election::new(),
            recorder: Recorder::new(Revision(0), room),
            faults: Faults::default(),
            crashes: BTreeMap::from([(Server::FIRST, 0)]),
        };
        MemoryStore {
            disk: Arc::new(Mutex::new(disk)),
            turn: Arc::default(),
            server: Server::FIRST,
        }
    }

    /// The store of another server, which shares the records and takes part in elections by itself.
    pub fn peer(&self) -> Self {
        let mut disk = self.disk();
        let server = Server(disk.crashes.len());
        disk.crashes.insert(server, 0);
        MemoryStore { disk: self.disk.clone(), turn: self.turn.clone(), server }
    }

    /// Replaces what goes wrong. Commits that are under way keep the faults they began with.
    pub fn set_faults(&self, faults: Faults) {
        self.disk().faults = faults;
    }

    /// This server loses power: its commits under way fail and leave nothing. If it led, it does so no
    /// more, and whoever has waited longest leads.
    pub fn crash(&self) {
        let mut disk = self.disk();
        *disk.crashes.entry(self.server).or_default() += 1;
        disk.election.depose(self.server);
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        // No code that can panic runs while the records are being changed.
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    fn crashes_of(&self, server: Server) -> u64 {
        self.crashes.get(&server).copied().unwrap_or(0)
    }

    fn apply(&mut self, batch: Batch) -> Revision {
        for write in &batch.writes {
            match write {
                Write::Put { key, value } => drop(self.records.insert(key.clone(), value.clone())),
                Write::Delete { key } => drop(self.records.remove(key)),
            }
        }
        self.revision.0 += 1;
        self.recorder.record(self.revision, batch);
        self.revision
    }
}

/// Takes one from a count; whether there was one.
fn take_one(count: &mut u32) -> bool {
    let left = count.checked_sub(1);
    *count = left.unwrap_or(0);
    left.is_some()
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        let disk = self.disk();
        let records =
            disk.records.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Loaded { revision: disk.revision, records })
    }

    async fn head(&self) -> Result<Revision, StoreError> {
        Ok(self.disk().revision)
    }

    async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        let _turn = self.turn.lock().await;
        let (delay, refuse, lose_answer, crashes) = {
            let mut disk = self.disk();
            let refuse = take_one(&mut disk.faults.refuse);
            let lose_answer = !refuse && take_one(&mut disk.faults.lose_answer);
            (disk.faults.delay, refuse, lose_answer, disk.crashes_of(self.server))
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut disk = self.disk();
        if disk.crashes_of(self.server) != crashes {
            return Err(StoreError::Stopped("it crashed during the commit".to_owned()));
        }
        disk.election.check(fence)?;
        if refuse {
            return Err(StoreError::Stopped("it was told to refuse this commit".to_owned()));
        }
        let revision = disk.apply(batch);
        if lose_answer {
            return Err(StoreError::Stopped("it was told to lose this commit's answer".to_owned()));
        }
        Ok(revision)
    }

    async fn watch(
        &self,
        from: Revision,
    ) -> Result<BoxStream<'static, Result<Committed, StoreError>>, StoreError> {
        let history = self.disk().recorder.history();
        history.watch(from)
    }

    async fn campaign(&self, candidate: &str) -> Result<Leadership, StoreError> {
        let candidacy = self.disk().election.stand(self.server, candidate);
        // Whoever is dropped while waiting, or between having won and knowing it, has not led.
        let mut waiting = Waiting { store: self, candidacy };
        let elected = (&mut waiting.candidacy).await;
        elected.map_err(|_| StoreError::Stopped("it ended during an election".to_owned()))
    }

    async fn resign(&self, fence: Fence) -> Result<(), StoreError> {
        self.disk().election.resign(fence);
        Ok(())
    }

    fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.disk().election.leader()
    }
}

/// A candidate whose turn may come at any moment, even while it gives up.
struct Waiting<'a> {
    store: &'a MemoryStore,
    candidacy: oneshot::Receiver<Leadership>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.candidacy.close();
        if let Ok(won) = self.candidacy.try_recv() {
            self.store.disk().election.resign(won.fence);
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(value: &'static str) -> Batch {
        let key = Key { table: 1, key: Bytes::from_static(b"k") };
        Batch { writes: vec![Write::Put { key, value: Bytes::from_static(value.as_bytes()) }] }
    }

    async fn value(store: &MemoryStore) -> Option<Bytes> {
        store.load().await.expect("memory loads").records.pop().map(|(_, value)| value)
    }

    #[tokio::test(start_paused = true)]
    async fn a_crash_keeps_what_was_committed_and_loses_what_was_not() {
        let store = MemoryStore::new();
        let leader = store.campaign("a").await.expect("leads");
        store.commit(leader.fence, batch("old")).await.expect("commits");

        store.set_faults(Faults { delay: Duration::from_secs(1), ..Faults::default() });
        let commit = tokio::spawn({
            let store = store.clone();
            async move { store.commit(leader.fence, batch("new")).await }
        });
        tokio::time::advance(Duration::from_millis(500)).await;
        tokio::task::yield_now().await;
        store.crash();
        let error = commit.await.expect("joins").expect_err("the plug was pulled");
        assert!(matches!(error, StoreError::Stopped(_)), "{error}");
        assert!(*leader.lost.borrow());
        assert_eq!(value(&store).await.as_deref(), Some(&b"old"[..]));
        let error = store.commit(leader.fence, batch("late")).await.expect_err("deposed");
        assert!(matches!(error, StoreError::Fenced { .. }), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_leaders_server_crashes_another_leads() {
        let first = MemoryStore::new();
        let (second, third) = (first.peer(), first.peer());
        let old = first.campaign("first").await.expect("leads");
        let crash = async {
            third.crash();
            assert!(old.lease.holds(), "it was another server's plug");
            first.crash();
        };
        let (elected, ()) = futures_util::join!(second.campaign("second"), crash);
        let new = elected.expect("leads");
        assert!(*old.lost.borrow() && new.fence > old.fence);
        let late = first.commit(old.fence, batch("late")).await.expect_err("deposed");
        assert!(
            matches!(late, StoreError::Fenced { current, .. } if current == new.fence),
            "{late}"
        );
        second.commit(new.fence, batch("new")).await.expect("commits");
        assert_eq!(value(&third).await.as_deref(), Some(&b"new"[..]));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_the_moment_they_win_does_not_lead() {
        let first = MemoryStore::new();
        let (second, third) = (first.peer(), first.peer());
        let old = first.campaign("first").await.expect("leads");
        let mut undecided = Box::pin(second.campaign("second"));
        assert!(futures_util::poll!(&mut undecided).is_pending());
        first.resign(old.fence).await.expect("resigns");
        let waiting = third.campaign("third");
        drop(undecided);
        assert!(waiting.await.expect("its turn comes").lease.holds());
    }

    #[tokio::test(start_paused = true)]
    async fn faults_do_what_they_say_in_order() {
        let store = MemoryStore::new();
        let fence = store.campaign("a").await.expect("leads").fence;
        store.set_faults(Faults { delay: Duration::from_secs(2), refuse: 1, lose_answer: 1 });
        let begun = tokio::time::Instant::now();
        assert!(store.commit(fence, batch("refused")).await.is_err());
        assert_eq!(value(&store).await, None);
        assert!(store.commit(fence, batch("unanswered")).await.is_err());
        assert_eq!(value(&store).await.as_deref(), Some(&b"unanswered"[..]));
        assert_eq!(store.commit(fence, batch("fine")).await.expect("commits"), Revision(2));
        assert_eq!(begun.elapsed(), Duration::from_secs(6));
    }
}

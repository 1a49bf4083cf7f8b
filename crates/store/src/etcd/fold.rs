//! Folds the log into records, behind the leader's back, and clears away what nobody needs.
//!
//! Batches are merged first, so that a record that was written often is stored once. The values go in small
//! transactions, in any order; then the mark moves. Loading replays what is after the mark over the records, so
//! a fold that ends halfway is as good as none. Each transaction compares the leader's key: a deposed
//! leader's old value can never replace a newer one.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::Place;
use super::client::{jittered, path};
use super::entry::{CHUNK, Entry};
use super::failure::Failure;
use super::layout;
use super::leading::Ending;
use super::log;
use super::messages::{CompactionRequest, Nothing, RangeRequest, RequestOp};
use super::record::Stored;
use super::request::{
    MOST_OPERATIONS, get, if_leading, range, then_delete, then_delete_all, then_put,
};
use crate::batch::Newest;
use crate::{Fence, Key, Revision, StoreError};

const PAUSE: Duration = Duration::from_secs(1);
/// How much of the log is merged at once.
const MERGED_BYTES: usize = 16 << 20;
const MERGED_BATCHES: usize = 1024;
/// Followers' history is cut back when it is this much too long.
const TRIM_EVERY: u64 = 32;

/// Lets somebody wait for a fold.
#[derive(Clone)]
pub(super) struct Folding(mpsc::Sender<oneshot::Sender<Result<(), StoreError>>>);

impl Folding {
    /// Folds all that is committed, and keeps no more for followers than is promised.
    pub(super) async fn now(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let over = || StoreError::Stopped("the leadership is over".to_owned());
        self.0.send(reply).await.map_err(|_| over())?;
        answer.await.unwrap_or_else(|_| Err(over()))
    }
}

struct Folder {
    place: Place,
    fence: Fence,
    folded: Revision,
    /// Up to where the log has been cut off.
    trimmed: Revision,
    /// Entries that have chunks on the stage, oldest first.
    staged: VecDeque<(Revision, Fence)>,
    /// Records that are in pieces.
    pieced: BTreeSet<Key>,
}

pub(super) fn start(
    place: Place,
    fence: Fence,
    heads: watch::Receiver<Revision>,
    ending: Ending,
) -> Folding {
    let (asks, asked) = mpsc::channel(1);
    tokio::spawn(async move {
        tokio::select! {
            biased;
            () = ending.ended() => {}
            () = run(place, fence, heads, asked) => {}
        }
    });
    Folding(asks)
}

async fn run(
    place: Place,
    fence: Fence,
    mut heads: watch::Receiver<Revision>,
    mut asked: mpsc::Receiver<oneshot::Sender<Result<(), StoreError>>>,
) {
    let mut folder = loop {
        match Folder::begin(place.clone(), fence).await {
            Ok(folder) => break folder,
            Err(failure) => {
                tracing::warn!(?failure, "what is to be folded could not be read; trying again");
                tokio::time::sleep(jittered(PAUSE)).await;
            }
        }
    };
    let every = place.options.compact_every;
    let mut compactions = tokio::time::interval(every.unwrap_or(Duration::MAX / 4));
    compactions.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    let mut due = None;
    loop {
        let head = *heads.borrow_and_update();
        let waiting = head.0.saturating_sub(folder.folded.0);
        due = match waiting {
            0 => None,
            _ if waiting >= place.options.fold_batches => Some(Instant::now()),
            _ => due.or(Some(Instant::now() + place.options.fold_after)),
        };
        let reply = tokio::select! {
            biased;
            reply = asked.recv() => match reply {
                Some(reply) => Some(reply),
                None => return,
            },
            () = at(due) => None,
            moved = heads.changed() => match moved {
                Ok(()) => continue,
                Err(_) => return,
            },
            _ = compactions.tick(), if every.is_some() => {
                seen = compact(&place, seen).await;
                continue;
            }
        };
        let folded = folder.fold(head, reply.is_some()).await;
        due = None;
        if let Err(failure) = &folded {
            tracing::warn!(?failure, "the log could not be folded; trying again");
            due = Some(Instant::now() + jittered(PAUSE));
        }
        if let Some(reply) = reply {
            let _ = reply.send(folded.map_err(|failure| place.failed(failure)));
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Lets etcd forget what is older than what was seen the last time. Returns what is seen now.
async fn compact(place: &Place, seen: Option<i64>) -> Option<i64> {
    if let Some(revision) = seen {
        let request = CompactionRequest { revision };
        let compacted: Result<Nothing, Failure> = place.client.call(path::COMPACT, &request).await;
        match compacted {
            // Somebody else has done it.
            Ok(_) | Err(Failure::Compacted) => {}
            Err(failure) => tracing::warn!(?failure, "etcd could not be compacted"),
        }
    }
    let found = place.client.range(get(place.layout.head())).await;
    found.ok()?.header.map(|header| header.revision)
}

impl Folder {
    /// Finds out how far others have come, and clears away what they left on the stage.
    async fn begin(place: Place, fence: Fence) -> Result<Self, Failure> {
        let found = place.client.range(get(place.layout.folded())).await?;
        let folded = found.kvs.first().and_then(|kv| layout::number(&kv.value)).map(Revision);
        let folded = folded.ok_or_else(|| Failure::Damaged("its mark is missing".to_owned()))?;
        let pieces = RangeRequest { keys_only: true, ..range(&place.layout.pieces()) };
        let pieces = place.client.range(pieces).await?;
        let pieced = pieces.kvs.iter().filter_map(|kv| place.layout.pieced(&kv.key));
        let mut folder = Folder {
            folded,
            trimmed: Revision(0),
            staged: VecDeque::new(),
            pieced: pieced.map(|(key, _)| key).collect(),
            place,
            fence,
        };
        folder.clear_stage().await?;
        Ok(folder)
    }

    /// Chunks without an entry are a dead leader's; a living one's are of this fence.
    async fn clear_stage(&mut self) -> Result<(), Failure> {
        let layout = &self.place.layout;
        let staged = RangeRequest { keys_only: true, ..range(&layout.whole_stage()) };
        let staged = self.place.client.range(staged).await?;
        let owners: BTreeSet<(Revision, Fence)> = staged
            .kvs
            .iter()
            .filter_map(|kv| layout.staged(&kv.key))
            .map(|(fence, revision)| (revision, fence))
            .filter(|(_, fence)| *fence != self.fence)
            .collect();
        for (revision, fence) in owners {
            let entry = self.place.client.range(get(layout.log(revision))).await?;
            let entry = entry.kvs.first().map(|kv| Entry::decode(kv.value.clone())).transpose();
            match entry.map_err(Failure::Damaged)? {
                Some(entry) if entry.fence == fence => self.staged.push_back((revision, fence)),
                _ => {
                    tracing::info!(%revision, %fence, "clears away what an earlier leader left");
                    let delete = then_delete_all(&layout.stage_of(fence, revision));
                    self.write(vec![delete]).await?;
                }
            }
        }
        Ok(())
    }

    async fn fold(&mut self, head: Revision, exactly: bool) -> Result<(), Failure> {
        while self.folded < head {
            self.fold_some(head).await?;
        }
        let kept = self.place.options.history_batches.max(1);
        let until = Revision(head.0.saturating_sub(kept).min(self.folded.0));
        let enough = if exactly { 1 } else { TRIM_EVERY };
        if until.0 >= self.trimmed.0 + enough {
            self.trim(until).await?;
        }
        Ok(())
    }

    async fn fold_some(&mut self, head: Revision) -> Result<(), Failure> {
        let (mut merged, mut reached) = (Newest::default(), self.folded);
        let (mut bytes, mut batches) = (0, 0);
        while reached < head && bytes < MERGED_BYTES && batches < MERGED_BATCHES {
            let page = log::read(&self.place, reached, 0).await?;
            if page.batches.is_empty() {
                return Err(Failure::Damaged(format!("its log ends at {reached}, before {head}")));
            }
            for logged in page.batches {
                if logged.revision.0 != reached.0 + 1 {
                    return Err(Failure::Damaged(format!("its log has a gap after {reached}")));
                }
                reached = logged.revision;
                batches += 1;
                bytes += logged.batch.writes.iter().map(crate::Write::size).sum::<usize>();
                if logged.staged {
                    self.staged.push_back((logged.revision, logged.fence));
                }
                merged.add(logged.batch);
            }
        }
        self.store(merged).await?;
        let mark = then_put(self.place.layout.folded(), reached.0.to_string().into());
        self.write(vec![mark]).await?;
        self.folded = reached;
        Ok(())
    }

    /// Puts values under their keys, as many in each transaction as etcd takes.
    async fn store(&mut self, merged: Newest) -> Result<(), Failure> {
        let (mut operations, mut bytes) = (Vec::new(), 0);
        for (key, value) in merged.into_entries() {
            if self.pieced.remove(&key) {
                // By itself: etcd does not delete and put a key in one transaction.
                let delete = then_delete_all(&self.place.layout.pieces_of(&key));
                self.write(vec![delete]).await?;
            }
            for (operation, size) in self.operations(&key, value) {
                if operations.len() == MOST_OPERATIONS || bytes + size > CHUNK {
                    self.write(std::mem::take(&mut operations)).await?;
                    bytes = 0;
                }
                operations.push(operation);
                bytes += size;
            }
        }
        self.write(operations).await
    }

    /// What makes a record what it is now, and how many bytes each takes.
    fn operations(&mut self, key: &Key, value: Option<Bytes>) -> Vec<(RequestOp, usize)> {
        let layout = &self.place.layout;
        let record = layout.record(key);
        let Some(value) = value else {
            return vec![(then_delete(record), key.key.len())];
        };
        let (stored, pieces) = Stored::cut(&value);
        let mut operations = Vec::new();
        if !pieces.is_empty() {
            self.pieced.insert(key.clone());
        }
        for (number, piece) in (0..).zip(pieces) {
            let size = key.key.len() + piece.len();
            operations.push((then_put(layout.piece(key, number), piece), size));
        }
        let stored = stored.encode();
        let size = key.key.len() + stored.len();
        operations.push((then_put(record, stored), size));
        operations
    }

    async fn trim(&mut self, until: Revision) -> Result<(), Failure> {
        let layout = &self.place.layout;
        let gone = self.staged.iter().take_while(|(revision, _)| *revision <= until).count();
        let mut operations = vec![then_delete_all(&layout.log_until(until))];
        let staged = self.staged.iter().take(gone.min(MOST_OPERATIONS - 1));
        operations.extend(
            staged.map(|(revision, fence)| then_delete_all(&layout.stage_of(*fence, *revision))),
        );
        let cleared = operations.len() - 1;
        self.write(operations).await?;
        self.staged.drain(..cleared);
        self.trimmed = until;
        Ok(())
    }

    /// A transaction of the leader. Nothing, if there is nothing to do.
    async fn write(&self, operations: Vec<RequestOp>) -> Result<(), Failure> {
        if operations.is_empty() {
            return Ok(());
        }
        let request = if_leading(self.place.layout.leader(), self.fence, operations);
        match self.place.client.txn(&request).await?.succeeded {
            true => Ok(()),
            false => Err(Failure::Refused("another one leads".to_owned())),
        }
    }
}

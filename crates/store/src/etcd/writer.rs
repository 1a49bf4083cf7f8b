//! The commits of one leadership, one after the other.
//!
//! A commit compares the leader's key and the head, and moves the head. So it happens at most once: whoever
//! tries it again and is refused looks whether the entry is there under this fence, in which case it was an
//! earlier try that came through. A commit of which that cannot be found out ends the leadership, since the
//! next one would not know what it builds upon.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::Place;
use super::client::path;
use super::election::HeldLease;
use super::entry::{self, Entry};
use super::layout;
use super::leading::Ending;
use super::messages::{TxnRequest, TxnResponse};
use super::request::{created_by, if_leading, if_value, then_get, then_put};
use crate::batch::encoding;
use crate::{Batch, Fence, Revision, StoreError, Write};

/// The most that one record may have, key and value. It is cut in pieces; this only keeps loading it sane.
const LARGEST_RECORD: usize = 16 << 20;
const SLOW: Duration = Duration::from_secs(1);
/// How long an answer to the last commit is waited for after the leadership has ended: to know is better.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is asked of the writer.
pub(super) enum Ask {
    Commit(Batch, oneshot::Sender<Result<Revision, StoreError>>),
    Resign(oneshot::Sender<Result<(), StoreError>>),
}

#[derive(Clone)]
pub(super) struct Asks(pub(super) mpsc::Sender<Ask>);

impl Asks {
    pub(super) async fn commit(&self, fence: Fence, batch: Batch) -> Result<Revision, StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.0.send(Ask::Commit(batch, reply)).await.is_err() {
            return Err(StoreError::Fenced { given: fence, current: fence });
        }
        let stopped = || StoreError::Stopped("the writer has ended unexpectedly".to_owned());
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    pub(super) async fn resign(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        match self.0.send(Ask::Resign(reply)).await {
            // Whoever has ended already has given the lease back, too.
            Ok(()) => answer.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        }
    }
}

struct Writer {
    place: Place,
    fence: Fence,
    head: watch::Sender<Revision>,
    ending: Ending,
}

/// Serves until the leadership ends, and gives the lease back.
pub(super) async fn run(
    place: Place,
    fence: Fence,
    lease: HeldLease,
    head: watch::Sender<Revision>,
    mut asked: mpsc::Receiver<Ask>,
    ending: Ending,
) {
    let writer = Writer { place, fence, head, ending };
    let resigned = writer.serve(&mut asked).await;
    writer.ending.end("it has resigned");
    asked.close();
    let revoked = lease.revoke().await;
    if let Some(reply) = resigned {
        let _ = reply.send(revoked);
    }
    while let Ok(ask) = asked.try_recv() {
        match ask {
            Ask::Commit(_, reply) => drop(reply.send(Err(writer.fenced(None)))),
            Ask::Resign(reply) => drop(reply.send(Ok(()))),
        }
    }
}

impl Writer {
    /// Returns who wants to hear that it has ended, if anybody does.
    async fn serve(
        &self,
        asked: &mut mpsc::Receiver<Ask>,
    ) -> Option<oneshot::Sender<Result<(), StoreError>>> {
        loop {
            let ask = tokio::select! {
                biased;
                () = self.ending.ended() => return None,
                ask = asked.recv() => ask,
            };
            match ask {
                None => return None,
                Some(Ask::Resign(reply)) => return Some(reply),
                Some(Ask::Commit(batch, reply)) => {
                    let committed = self.commit(&batch).await;
                    let over = match &committed {
                        Ok(_) | Err(StoreError::TooLarge { .. }) => None,
                        Err(error) => Some(error.to_string()),
                    };
                    if let Some(reason) = &over {
                        self.ending.end(reason);
                    }
                    // Whoever asked may have gone away; it is committed all the same.
                    let _ = reply.send(committed);
                    if over.is_some() {
                        return None;
                    }
                }
            }
        }
    }

    async fn commit(&self, batch: &Batch) -> Result<Revision, StoreError> {
        check_sizes(batch)?;
        let begun = Instant::now();
        let revision = Revision(self.head.borrow().0 + 1);
        let (staged, last) = entry::chunks(encoding::encoded(batch));
        // Chunks are of a number that fits, or the batch would not fit into memory.
        let count = u32::try_from(staged.len()).unwrap_or(u32::MAX);
        for (number, chunk) in (0..).zip(staged) {
            self.stage(revision, number, chunk).await?;
        }
        let last = Entry { fence: self.fence, staged: count, last }.encode();
        self.seal(revision, last).await?;
        self.head.send_replace(revision);
        if begun.elapsed() > SLOW {
            tracing::warn!(%revision, elapsed = ?begun.elapsed(), "etcd is slow");
        }
        Ok(revision)
    }

    async fn stage(&self, revision: Revision, number: u32, chunk: Bytes) -> Result<(), StoreError> {
        let layout = &self.place.layout;
        let put = then_put(layout.stage(self.fence, revision, number), chunk);
        let request = if_leading(layout.leader(), self.fence, vec![put]);
        match self.txn(revision, &request).await?.succeeded {
            true => Ok(()),
            false => Err(self.fenced(None)),
        }
    }

    /// Makes the batch visible, as a whole.
    async fn seal(&self, revision: Revision, entry: Bytes) -> Result<(), StoreError> {
        let layout = &self.place.layout;
        let (before, after) = (revision.0 - 1, revision.0);
        let request = TxnRequest {
            compare: vec![
                created_by(layout.leader(), self.fence),
                if_value(layout.head(), before.to_string().into()),
            ],
            success: vec![
                then_put(layout.log(revision), entry),
                then_put(layout.head(), after.to_string().into()),
            ],
            failure: vec![
                then_get(layout.leader()),
                then_get(layout.head()),
                then_get(layout.log(revision)),
            ],
        };
        let answer = self.txn(revision, &request).await?;
        if answer.succeeded { Ok(()) } else { self.judge(revision, &answer) }
    }

    /// What it means that a commit was refused.
    fn judge(&self, revision: Revision, answer: &TxnResponse) -> Result<(), StoreError> {
        let leader = answer.found(0).map(|kv| kv.create_revision);
        let leads = leader.is_some_and(|created| u64::try_from(created) == Ok(self.fence.0));
        let head = answer.found(1).and_then(|kv| layout::number(&kv.value)).map(Revision);
        let entry = answer.found(2).map(|kv| Entry::decode(kv.value.clone())).transpose();
        let entry = entry.map_err(|detail| self.place.corrupt(detail))?;
        match (entry, head) {
            // Nobody else has this fence, and this revision is tried by one commit only.
            (Some(entry), _) if entry.fence == self.fence => Ok(()),
            _ if leads => Err(self.place.corrupt(format!(
                "its head is {head:?} and revision {revision} is this leader's next: something else writes there"
            ))),
            (Some(_), _) => Err(self.fenced(leader)),
            (None, Some(head)) if head < revision => Err(self.fenced(leader)),
            (None, _) => {
                let detail = "others lead and have folded it since".to_owned();
                Err(StoreError::Unresolved { revision, detail })
            }
        }
    }

    /// Tries until there is an answer, or the leadership is over.
    async fn txn(
        &self,
        revision: Revision,
        request: &TxnRequest,
    ) -> Result<TxnResponse, StoreError> {
        let deadline = Instant::now() + self.place.options.patience;
        let answered = self.place.client.call_until(path::TXN, request, deadline);
        tokio::select! {
            biased;
            answer = answered => answer.map_err(|failure| self.place.failed(failure)),
            () = async {
                self.ending.ended().await;
                tokio::time::sleep(LAST_WORDS).await;
            } => {
                let detail = "the leadership ended before etcd answered".to_owned();
                Err(StoreError::Unresolved { revision, detail })
            }
        }
    }

    fn fenced(&self, leader: Option<i64>) -> StoreError {
        let current =
            leader.and_then(|created| u64::try_from(created).ok()).unwrap_or(self.fence.0);
        StoreError::Fenced { given: self.fence, current: Fence(current) }
    }
}

fn check_sizes(batch: &Batch) -> Result<(), StoreError> {
    let large = batch.writes.iter().find(|write| write.size() > LARGEST_RECORD);
    match large {
        None => Ok(()),
        Some(write) => Err(StoreError::TooLarge {
            table: write.key().table,
            key: key_text(write),
            bytes: write.size(),
            limit: LARGEST_RECORD,
        }),
    }
}

/// The beginning of it, if it is long.
fn key_text(write: &Write) -> String {
    let key = &write.key().key;
    format!("{:?}", key.slice(..key.len().min(64)))
}

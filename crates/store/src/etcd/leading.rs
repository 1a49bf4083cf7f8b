//! One leadership: its lease is kept alive, its commits are written, its log is folded, and it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::Place;
use super::client::jittered;
use super::election::{HeldLease, proved};
use super::failure::Failure;
use super::fold::{self, Folding};
use super::writer::{self, Asks};
use crate::{Fence, Leader, Leadership, Lease, Revision, StoreError};

const PAUSE: Duration = Duration::from_millis(100);
/// How many batches may wait for the one that is being committed.
const QUEUE: usize = 16;

/// The handle of a leadership. Dropping it ends it.
pub(super) struct Leading {
    fence: Fence,
    asks: Asks,
    folding: Folding,
}

/// Tells everybody, once, that a leadership is over.
#[derive(Clone)]
pub(super) struct Ending {
    fence: Fence,
    lost: Arc<watch::Sender<bool>>,
}

impl Ending {
    pub(super) fn end(&self, reason: &str) {
        if !self.lost.send_replace(true) {
            tracing::info!(fence = %self.fence, reason, "leads no more");
        }
    }

    pub(super) async fn ended(&self) {
        // The sender is in this very value.
        let _ = self.lost.subscribe().wait_for(|lost| *lost).await;
    }
}

impl Leading {
    pub(super) fn fence(&self) -> Fence {
        self.fence
    }

    pub(super) fn asks(&self) -> Asks {
        self.asks.clone()
    }

    pub(super) fn folding(&self) -> Folding {
        self.folding.clone()
    }

    /// Finishes the commits that it was given and lets another candidate lead.
    pub(super) async fn resign(self) -> Result<(), StoreError> {
        self.asks.resign().await
    }
}

/// Starts what a leader does.
pub(super) fn begin(
    place: Place,
    leader: Leader,
    lease: HeldLease,
    head: Revision,
    known: watch::Receiver<Option<Leader>>,
) -> (Leading, Leadership) {
    let fence = leader.fence;
    let (lost_by_us, lost) = watch::channel(false);
    let ending = Ending { fence, lost: Arc::new(lost_by_us) };
    let (proofs, until) = watch::channel(lease.until);
    tokio::spawn(keep(place.clone(), lease.id, lease.time, proofs, leader, known, ending.clone()));
    let (asks, asked) = mpsc::channel(QUEUE);
    let (head_moves, heads) = watch::channel(head);
    let folding = fold::start(place.clone(), fence, heads, ending.clone());
    tokio::spawn(writer::run(place, fence, lease, head_moves, asked, ending));
    let leading = Leading { fence, asks: Asks(asks), folding };
    let lease = Lease::renewed(lost.clone(), until);
    (leading, Leadership { fence, lost, lease })
}

/// Renews the lease until it cannot be proved any more or another one leads.
async fn keep(
    place: Place,
    lease: i64,
    time: Duration,
    proofs: watch::Sender<Instant>,
    leader: Leader,
    mut known: watch::Receiver<Option<Leader>>,
    ending: Ending,
) {
    let replaced = async {
        let other = |known: &Option<Leader>| known.as_ref() != Some(&leader);
        // Without an observer nobody tells us; the lease will.
        if known.wait_for(other).await.is_err() {
            std::future::pending().await
        }
    };
    tokio::select! {
        biased;
        () = ending.ended() => {}
        () = replaced => ending.end("its key has gone"),
        reason = renew(&place, lease, time, &proofs) => ending.end(&reason),
    }
}

/// Returns why it has ended.
async fn renew(
    place: &Place,
    lease: i64,
    time: Duration,
    proofs: &watch::Sender<Instant>,
) -> String {
    let (mut failures, mut pause) = (0, time / 3);
    loop {
        let until = *proofs.borrow();
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        let sent = Instant::now();
        let renewed = tokio::time::timeout_at(until, place.client.keep_alive(lease, failures));
        match renewed.await {
            Ok(Ok(0)) | Ok(Err(Failure::NoSuchLease)) => return "its lease is gone".to_owned(),
            Ok(Ok(seconds)) => {
                proofs.send_replace(until.max(sent + proved(seconds)));
                pause = time / 3;
            }
            Ok(Err(failure)) => {
                tracing::warn!(?failure, "the leader's lease could not be renewed; trying again");
                failures += 1;
                pause = jittered(PAUSE);
            }
            Err(_) => return "its lease could not be renewed in time".to_owned(),
        }
    }
}

//! Who leads: whoever's key is there. It is under a lease, and the revision that made it is the fence.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Place;
use super::client::{jittered, path};
use super::failure::Failure;
use super::layout::Span;
use super::leading::{self, Leading};
use super::messages::{
    KeyValue, LeaseGrantRequest, LeaseGrantResponse, LeaseRequest, Nothing, TxnRequest, TxnResponse,
};
use super::request::{get, if_created_at, then_get, then_put_under};
use crate::{Fence, Leader, Leadership, StoreError};

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Sees who leads, for as long as it is there.
pub(super) struct Observer {
    place: Place,
    known: Arc<Known>,
    task: JoinHandle<()>,
}

/// What is known of the leader's key, from whoever learned it last.
pub(super) struct Known {
    /// The revision of etcd that the newest knowledge is of.
    at: Mutex<i64>,
    leader: watch::Sender<Option<Leader>>,
}

impl Known {
    /// Knowledge that is older than what is known changes nothing.
    fn learn(&self, revision: i64, key: Option<&KeyValue>) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if revision <= *at {
            return;
        }
        *at = revision;
        let leader = key.map(|kv| Leader {
            candidate: String::from_utf8_lossy(&kv.value).into_owned(),
            fence: fence(kv.create_revision),
        });
        self.leader.send_if_modified(|known| {
            let changed = *known != leader;
            *known = leader;
            changed
        });
    }
}

/// A key is never made before etcd's revision 1.
fn fence(create_revision: i64) -> Fence {
    Fence(u64::try_from(create_revision).unwrap_or_default())
}

impl Observer {
    pub(super) fn start(place: Place) -> Self {
        let known = Known { at: Mutex::new(0), leader: watch::Sender::new(None) };
        let known = Arc::new(known);
        let task = tokio::spawn(observe(place.clone(), known.clone()));
        Observer { place, known, task }
    }

    pub(super) fn leader(&self) -> watch::Receiver<Option<Leader>> {
        self.known.leader.subscribe()
    }

    /// Waits until nobody leads and this candidate does.
    pub(super) async fn campaign(
        &self,
        candidate: &str,
    ) -> Result<(Leading, Leadership), StoreError> {
        let mut known = self.leader();
        loop {
            // The sender is in this observer.
            let _ = known.wait_for(Option::is_none).await;
            if let Some((fence, lease)) = self.stand(candidate).await? {
                let head = self.place.head().await?;
                tracing::info!(candidate, %fence, %head, "leads");
                let leader = Leader { candidate: candidate.to_owned(), fence };
                return Ok(leading::begin(self.place.clone(), leader, lease, head, known));
            }
        }
    }

    /// Tries once to become the leader. None if another one is.
    async fn stand(&self, candidate: &str) -> Result<Option<(Fence, HeldLease)>, StoreError> {
        let Place { client, layout, .. } = &self.place;
        let lease = HeldLease::grant(&self.place).await?;
        let request = TxnRequest {
            compare: vec![if_created_at(layout.leader(), 0)],
            success: vec![then_put_under(layout.leader(), candidate.to_owned().into(), lease.id)],
            failure: vec![then_get(layout.leader())],
        };
        let answer: Result<TxnResponse, Failure> =
            client.call_until(path::TXN, &request, lease.until).await;
        let answer = answer.map_err(|failure| self.place.failed(failure))?;
        let won = match answer.found(0) {
            _ if answer.succeeded => Some(answer.revision()),
            // An earlier try had come through without our hearing of it.
            Some(kv) if kv.lease == lease.id => Some(kv.create_revision),
            other => {
                self.known.learn(answer.revision(), other);
                None
            }
        };
        let Some(revision) = won else { return Ok(None) };
        let key = KeyValue {
            value: candidate.to_owned().into(),
            create_revision: revision,
            ..KeyValue::default()
        };
        self.known.learn(revision, Some(&key));
        Ok(Some((fence(revision), lease)))
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A lease that is given back when it is dropped.
pub(super) struct HeldLease {
    place: Place,
    pub(super) id: i64,
    pub(super) time: Duration,
    /// Until when it is sure to be there.
    pub(super) until: Instant,
    revoked: bool,
}

impl HeldLease {
    async fn grant(place: &Place) -> Result<Self, StoreError> {
        let seconds = place.options.lease.as_secs_f64().ceil().max(1.0);
        let request = LeaseGrantRequest { ttl: seconds as i64 };
        // Nothing but the last try's lease is used. One of an earlier try runs out by itself.
        let asked = Instant::now();
        let granted: LeaseGrantResponse = place
            .client
            .call(path::GRANT, &request)
            .await
            .map_err(|failure| place.failed(failure))?;
        if !granted.error.is_empty() {
            return Err(place.failed(Failure::Refused(granted.error)));
        }
        let time = proved(granted.ttl);
        Ok(HeldLease {
            place: place.clone(),
            id: granted.id,
            time,
            until: asked + time,
            revoked: false,
        })
    }

    /// Gives it back, and with it the leader's key.
    pub(super) async fn revoke(mut self) -> Result<(), StoreError> {
        self.revoked = true;
        match revoke(&self.place, self.id).await {
            Ok(()) | Err(Failure::NoSuchLease) => Ok(()),
            Err(failure) => Err(self.place.failed(failure)),
        }
    }
}

async fn revoke(place: &Place, id: i64) -> Result<(), Failure> {
    let revoked: Result<Nothing, Failure> =
        place.client.call(path::REVOKE, &LeaseRequest { id }).await;
    revoked.map(drop)
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        if self.revoked {
            return;
        }
        // Without a runtime it runs out by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (place, id) = (self.place.clone(), self.id);
            runtime.spawn(async move {
                let _ = revoke(&place, id).await;
            });
        }
    }
}

/// How much of so many seconds is certain: no two clocks run at quite the same speed.
pub(super) fn proved(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default()).mul_f64(0.98)
}

/// Follows the leader's key, by way of any member, for ever.
async fn observe(place: Place, known: Arc<Known>) {
    let (mut failures, mut pause) = (0, SHORTEST_PAUSE);
    loop {
        let mut heard = false;
        let failed = watch_leader(&place, &known, failures, &mut heard).await;
        tracing::debug!(?failed, "the watch of the leader is begun anew");
        failures += 1;
        pause = if heard { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        tokio::time::sleep(jittered(pause)).await;
    }
}

async fn watch_leader(place: &Place, known: &Known, failures: usize, heard: &mut bool) -> Failure {
    let watched = async {
        let key = place.layout.leader();
        let found = place.client.range(get(key.clone())).await?;
        let revision = found.header.as_ref().map_or(0, |header| header.revision);
        known.learn(revision, found.kvs.first());
        let span = Span { from: key, to: bytes::Bytes::new() };
        let mut watcher = place.client.watch(&span, revision + 1, failures).await?;
        *heard = true;
        loop {
            for event in watcher.next().await? {
                let Some(kv) = event.kv else { continue };
                known.learn(kv.mod_revision, (event.kind == 0).then_some(&kv));
            }
        }
    };
    let ended: Result<std::convert::Infallible, Failure> = watched.await;
    match ended {
        Ok(never) => match never {},
        Err(failure) => failure,
    }
}

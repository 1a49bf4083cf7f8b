//! Whose turn a request is, when several servers have one cell.
//!
//! Every server takes every request. What only reads is answered by whoever took it, once it has all that was committed
//! before the request came; what writes is passed on to the leader, whole, with the client's address and the request's id
//! (`pass.rs`). A request is passed on once: who gets it from another server does it, or says that it did not.
//!
//! What was surely not done is tried again with the next leader, for a while. What may have been done is not: the client
//! is told that it is open.
//!
//! Nothing here knows operations (`endpoint/among.rs` asks) or sockets (`http_relay.rs` has them).

mod http_relay;
mod pass;
mod relay;

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use berth_model::Timestamp;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use metrics::{Counter, Label};
use tokio::time::Instant;

use super::{Peer, RequestId};
use crate::cell::{Cell, CellError, Standing};
use crate::metrics::{FORWARDED, Metrics};

pub use http_relay::HttpRelay;
pub use pass::ForwardingKey;
pub use relay::{Relay, RelayError, Tunnel, Tunnelled};

/// How long a request waits for a leader: longer than an election after a server was lost, shorter than clients wait.
const PATIENCE: Duration = Duration::from_secs(15);
/// Before somebody is asked again who was not there, or did not lead.
const REST: Duration = Duration::from_millis(50);
/// What a deposed leader has done already it may still answer for this long.
const LAST_WORD: Duration = Duration::from_millis(500);

/// On an answer to a server: nothing was done, since whoever was asked does not lead.
static NOT_DONE: HeaderName = HeaderName::from_static("x-berth-not-done");

/// What a server needs to take part.
pub struct FollowingOptions {
    pub cell: Cell,
    /// Where the other servers reach this one: what its cell campaigns as.
    pub own_address: String,
    pub relay: Arc<dyn Relay>,
    pub key: ForwardingKey,
}

pub(super) struct Following {
    cell: Cell,
    own_address: String,
    relay: Arc<dyn Relay>,
    key: ForwardingKey,
    answered: Counter,
    not_done: Counter,
    unknown: Counter,
}

/// What a request is, as far as it matters whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Read,
    Write,
}

pub(super) enum Turn {
    /// This server's. `leads`: nobody else could write.
    Here { leads: bool },
    /// The leader's, who is reached there.
    Leader(String),
    /// Another server sent it, and this one does not lead.
    NotOurs,
    /// Nobody's for now.
    Nobody(CellError),
}

/// What became of a request that was passed on.
pub(super) enum Passed {
    Answered(Response<Bytes>),
    /// It was not done.
    NotDone,
    /// Nobody knows whether it was done.
    Unknown(anyhow::Error),
}

impl Following {
    pub fn new(options: FollowingOptions, metrics: &Metrics) -> Self {
        let FollowingOptions { cell, own_address, relay, key } = options;
        let counter = |outcome: &'static str| {
            metrics.counter(FORWARDED, vec![Label::from_static_parts("outcome", outcome)])
        };
        let (answered, not_done) = (counter("answered"), counter("not-done"));
        let unknown = counter("unknown");
        Following { cell, own_address, relay, key, answered, not_done, unknown }
    }

    /// When a request that comes now is given up.
    pub fn deadline(&self) -> Instant {
        Instant::now() + PATIENCE
    }

    /// Takes off what another server wrote about the client; nothing if it was not another server who wrote it.
    pub fn receive(
        &self,
        request: &mut Request<Bytes>,
        now: Timestamp,
    ) -> Option<(Peer, RequestId)> {
        let given = request.headers_mut().remove(&pass::HEADER)?;
        let received = self.key.open(&given, request, now);
        if received.is_none() {
            tracing::warn!("a request claims to be from another server of this cell, and is not");
        }
        received
    }

    /// Whether this server may open web sockets: what comes by them is for the leader.
    pub fn leads(&self) -> bool {
        self.cell.standing() == Standing::Leading
    }

    /// Whether what was read may still be told.
    pub fn may_tell(&self) -> bool {
        self.cell.may_tell()
    }

    /// Waits until it is known whose turn it is.
    pub async fn turn(&self, work: Work, is_forwarded: bool, deadline: Instant) -> Turn {
        match tokio::time::timeout_at(deadline, self.decide(work, is_forwarded)).await {
            Ok(turn) => turn,
            Err(_) => Turn::Nobody(match self.cell.standing() {
                Standing::Ended(reason) => reason,
                Standing::Following { .. } | Standing::Leading => CellError::Following,
            }),
        }
    }

    async fn decide(&self, work: Work, is_forwarded: bool) -> Turn {
        loop {
            let standing = self.cell.standing();
            match (&standing, work) {
                // Its writes wait for one another anyway.
                (Standing::Leading, Work::Write) => return Turn::Here { leads: true },
                (Standing::Leading | Standing::Following { .. }, Work::Read) => {
                    match self.cell.caught_up().await {
                        Ok(()) => return Turn::Here { leads: standing == Standing::Leading },
                        Err(reason @ CellError::Unsure(_)) => return Turn::Nobody(reason),
                        // It has ended meanwhile.
                        Err(_) => continue,
                    }
                }
                (Standing::Following { .. } | Standing::Ended(_), _) => {}
            }
            match self.cell.leader().filter(|leader| leader.candidate != self.own_address) {
                Some(_) if is_forwarded => return Turn::NotOurs,
                Some(leader) => return Turn::Leader(leader.candidate),
                None => tokio::time::sleep(REST).await,
            }
        }
    }

    /// Has the leader open a web socket.
    pub async fn tunnel(
        &self,
        leader: &str,
        mut request: Request<Bytes>,
        client: (Peer, RequestId),
        now: Timestamp,
    ) -> Result<Tunnelled, RelayError> {
        let pass = self.key.seal(&request, client, now);
        request.headers_mut().insert(&pass::HEADER, pass);
        let tunnelled = self.relay.tunnel(leader, request).await;
        match &tunnelled {
            Ok(_) => self.answered.increment(1),
            Err(RelayError::NotSent(_)) => self.not_done.increment(1),
            Err(RelayError::Unknown(_)) => self.unknown.increment(1),
        }
        tunnelled
    }

    /// Has the leader answer. It rests a while after what was not done, so that it can be tried again at once.
    pub async fn pass_on(
        &self,
        leader: &str,
        mut request: Request<Bytes>,
        client: (Peer, RequestId),
        now: Timestamp,
    ) -> Passed {
        let pass = self.key.seal(&request, client, now);
        request.headers_mut().insert(&pass::HEADER, pass);
        let answer = tokio::select! {
            biased;
            answer = self.relay.relay(leader, request) => answer,
            () = self.deposed() => {
                Err(RelayError::Unknown(anyhow!("{leader} was deposed before it answered")))
            }
        };
        let outcome = match answer {
            Ok(response) if response.headers().contains_key(&NOT_DONE) => None,
            Ok(response) => Some(Ok(response)),
            Err(RelayError::NotSent(cause)) => {
                tracing::debug!(leader, error = format!("{cause:#}"), "the leader is not reached");
                None
            }
            Err(RelayError::Unknown(cause)) => Some(Err(cause)),
        };
        match outcome {
            Some(Ok(response)) => {
                self.answered.increment(1);
                Passed::Answered(response)
            }
            Some(Err(cause)) => {
                self.unknown.increment(1);
                Passed::Unknown(cause)
            }
            None => {
                self.not_done.increment(1);
                tokio::time::sleep(REST).await;
                Passed::NotDone
            }
        }
    }
}

impl Following {
    /// Returns when another leads than who leads now. A leader that is paused or cut off answers nothing, and closes no
    /// connection: whoever waits for it would wait far longer than the election takes.
    async fn deposed(&self) {
        let fence = self.cell.leader().map(|leader| leader.fence);
        while self.cell.leader().is_none_or(|leader| Some(leader.fence) == fence) {
            tokio::time::sleep(REST).await;
        }
        tokio::time::sleep(LAST_WORD).await;
    }
}

/// What a server is told that took this one for the leader.
pub(super) fn not_done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(&NOT_DONE, HeaderValue::from_static("following"));
    response
}

//! What is true of a client's connection, whatever is asked on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use http::HeaderValue;
use tokio::time::Instant;

use super::Front;
use super::alarm::{Alarm, Kept};
use super::client::Client;

pub(super) struct Visit {
    /// As logs of connections and of requests name it.
    pub(super) id: String,
    pub(super) live: Arc<ArcSwap<Front>>,
    pub(super) client: SocketAddr,
    /// As targets learn it, without the port.
    pub(super) client_address: HeaderValue,
    /// Where the client came in.
    pub(super) door: SocketAddr,
    pub(super) door_port: HeaderValue,
    pub(super) is_secure: bool,
    /// What TLS says of it.
    pub(super) tls: Option<Client>,
    /// From then on the next answer is the last.
    pub(super) ends_at: Instant,
    /// Requests that are under way, and all that ever were.
    under_way: AtomicU64,
    begun: AtomicU64,
    alarm: Kept,
}

impl Visit {
    pub(super) fn new(
        live: Arc<ArcSwap<Front>>,
        front: &Front,
        client: SocketAddr,
        door: SocketAddr,
        tls: Option<Client>,
    ) -> Visit {
        Visit {
            id: format!("TID_{:032x}", rand::random::<u128>()),
            live,
            client,
            client_address: HeaderValue::try_from(client.ip().to_canonical().to_string())
                .expect("an address is a valid value"),
            door,
            door_port: door.port().into(),
            is_secure: front.is_secure(),
            tls,
            ends_at: Instant::now() + front.keep_alive,
            under_way: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            alarm: Kept::default(),
        }
    }

    /// Nothing is asked for a while: what only requests need is given up.
    pub(super) fn rest(&self) {
        self.alarm.forget();
    }

    /// For a request that waits.
    pub(super) fn alarm(&self) -> Alarm<'_> {
        self.alarm.take()
    }

    pub(super) fn begin(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many requests there were, if none is under way.
    pub(super) fn rests_after(&self) -> Option<u64> {
        let rests = self.under_way.load(Ordering::Relaxed) == 0;
        rests.then(|| self.begun.load(Ordering::Relaxed))
    }
}

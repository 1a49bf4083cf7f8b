//! What is true of a client's connection, whatever is asked on it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::time::Instant;

use super::Front;
use super::upgrade::Tunnel;

pub(super) struct Visit {
    pub(super) live: Arc<ArcSwap<Front>>,
    pub(super) client: SocketAddr,
    /// Where the client came in.
    pub(super) door: SocketAddr,
    pub(super) is_secure: bool,
    /// From then on the next answer is the last.
    pub(super) ends_at: Instant,
    /// What the connection becomes when it stops speaking HTTP.
    tunnel: Mutex<Option<Tunnel>>,
}

impl Visit {
    pub(super) fn new(
        live: Arc<ArcSwap<Front>>,
        front: &Front,
        client: SocketAddr,
        door: SocketAddr,
    ) -> Visit {
        Visit {
            live,
            client,
            door,
            is_secure: front.is_secure,
            ends_at: Instant::now() + front.keep_alive,
            tunnel: Mutex::default(),
        }
    }

    pub(super) fn prepare(&self, tunnel: Tunnel) {
        *self.tunnel.lock().unwrap_or_else(PoisonError::into_inner) = Some(tunnel);
    }

    pub(super) fn tunnel(&self) -> Option<Tunnel> {
        self.tunnel.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

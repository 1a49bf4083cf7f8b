//! One target as it lives, and a request or flow that it has.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use berth_proxy_protocol as protocol;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;

use super::anomaly::Conduct;
use crate::pool::Pool;

/// Which target of its group, by its id and port: the same in every configuration and for every proxy, so that a cookie may carry it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetIdentity(u64);

impl TargetIdentity {
    pub fn of(id: &str, port: u16) -> Self {
        let mut hash = Sha256::new();
        hash.update(port.to_be_bytes());
        hash.update(id.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        Self(u64::from_be_bytes(first))
    }

    pub const fn from_u64(value: u64) -> Self {
        Self(value)
    }

    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for TargetIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Whether a target may keep what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Registered, and not found to be unhealthy.
    Serving,
    Unhealthy,
    /// Being deregistered: nothing new comes, and at the end of this time it is as good as gone.
    Draining {
        until: Instant,
    },
    /// Not registered any more.
    Gone,
}

/// One registered target. Everything in it but its name and place may change at any time, from anywhere.
pub struct Target {
    identity: TargetIdentity,
    id: String,
    address: SocketAddr,
    zone: String,
    outstanding: AtomicU32,
    pub(super) conduct: Conduct,
    pool: Pool,
    standing: watch::Sender<Standing>,
}

impl Target {
    pub(super) fn new(target: &protocol::Target) -> Self {
        Self {
            identity: TargetIdentity::of(&target.id, target.port),
            id: target.id.clone(),
            address: SocketAddr::new(target.address, target.port),
            zone: target.zone.clone(),
            outstanding: AtomicU32::new(0),
            conduct: Conduct::default(),
            pool: Pool::default(),
            standing: watch::Sender::new(Standing::Serving),
        }
    }

    pub fn identity(&self) -> TargetIdentity {
        self.identity
    }

    /// As it was registered.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// How many requests or flows it has.
    pub fn outstanding(&self) -> u32 {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// For whoever has something at this target and has to end it; what is true now counts as seen.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Connections to it that wait for their next request.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn set_standing(&self, standing: Standing) {
        if matches!(standing, Standing::Draining { .. } | Standing::Gone) {
            self.pool.retire();
        }
        self.standing.send_if_modified(|old| {
            let is_new = *old != standing;
            *old = standing;
            is_new
        });
    }
}

/// A request or flow that goes to this target; it is outstanding until this is dropped.
pub struct Picked {
    target: Arc<Target>,
}

impl Picked {
    pub(super) fn new(target: Arc<Target>) -> Self {
        target.outstanding.fetch_add(1, Ordering::Relaxed);
        Self { target }
    }

    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    pub fn address(&self) -> SocketAddr {
        self.target.address
    }

    pub fn identity(&self) -> TargetIdentity {
        self.target.identity
    }

    /// The target answered with this status. Those from 500 on count against it when targets are compared.
    pub fn answered(&self, status: u16) {
        self.target.conduct.note(status < 500);
    }

    /// The target could not be reached, or broke off.
    pub fn failed(&self) {
        self.target.conduct.note(false);
    }
}

impl Drop for Picked {
    fn drop(&mut self) {
        self.target.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

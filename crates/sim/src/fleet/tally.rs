//! What the agents of a fleet count together.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One number that many agents raise.
#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Counts one for as long as the guard lives.
    pub(super) fn enter(&self) -> Present<'_> {
        self.add();
        Present(self)
    }
}

pub(super) struct Present<'a>(&'a Counter);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

#[derive(Default)]
pub(super) struct Tally {
    /// Now open.
    pub(super) acs_open: Counter,
    pub(super) tcs_open: Counter,
    /// Ends of sockets that were open.
    pub(super) lost: Counter,
    /// Sockets that did not open.
    pub(super) refused: Counter,
    /// Calls that were not answered, or with an error.
    pub(super) failed_calls: Counter,
    /// Agents that the server will not have.
    pub(super) turned_away: Counter,
    pub(super) heartbeats: Counter,
    pub(super) metrics: Counter,
    pub(super) metrics_acknowledged: Counter,
    pub(super) health: Counter,
    pub(super) health_acknowledged: Counter,
    /// Of hosts.
    pub(super) statuses: Counter,
    pub(super) statuses_acknowledged: Counter,
    /// Tasks that were reported, and the reports taken.
    pub(super) running: Counter,
    pub(super) stopped: Counter,
    joins: Mutex<Vec<Duration>>,
}

/// What flows in the steady state, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    pub(super) heartbeats: u64,
    pub(super) metrics: u64,
    pub(super) metrics_acknowledged: u64,
    pub(super) health: u64,
    pub(super) health_acknowledged: u64,
    pub(super) statuses: u64,
    pub(super) statuses_acknowledged: u64,
}

impl Tally {
    /// An agent has opened its assignment socket for the first time.
    pub(super) fn joined(&self, took: Duration) {
        self.joins.lock().unwrap_or_else(PoisonError::into_inner).push(took);
    }

    /// How long each agent took, shortest first.
    pub(super) fn joins(&self) -> Vec<Duration> {
        let mut joins = self.joins.lock().unwrap_or_else(PoisonError::into_inner).clone();
        joins.sort_unstable();
        joins
    }

    pub(super) fn flow(&self) -> Flow {
        Flow {
            heartbeats: self.heartbeats.get(),
            metrics: self.metrics.get(),
            metrics_acknowledged: self.metrics_acknowledged.get(),
            health: self.health.get(),
            health_acknowledged: self.health_acknowledged.get(),
            statuses: self.statuses.get(),
            statuses_acknowledged: self.statuses_acknowledged.get(),
        }
    }
}

//! The time of day. Waiting is not here: it is tokio's timers, which a paused runtime controls.

use std::time::{SystemTime, UNIX_EPOCH};

use berth_model::Timestamp;
use tokio::time::Instant;

/// Where the agent reads the time of day.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH + since
    }
}

/// A clock that moves with tokio's, paused or not.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: Timestamp,
    since: Instant,
}

impl TokioClock {
    /// To be called inside a tokio runtime.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, since: Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start + self.since.elapsed()
    }
}

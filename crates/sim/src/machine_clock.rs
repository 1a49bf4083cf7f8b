//! A machine's time of day: right, until somebody sets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use berth_control::env::{Clock, TokioClock};
use berth_model::Timestamp;

/// Clones are the same clock.
#[derive(Clone)]
pub struct MachineClock {
    right: TokioClock,
    ahead_millis: Arc<AtomicI64>,
}

impl MachineClock {
    pub fn new(right: TokioClock) -> Self {
        MachineClock { right, ahead_millis: Arc::default() }
    }

    /// So much ahead of the right time, or behind it.
    pub fn set_ahead(&self, millis: i64) {
        self.ahead_millis.store(millis, Ordering::Relaxed);
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead_millis.load(Ordering::Relaxed);
        Timestamp::from_millis(self.right.now().as_millis() + ahead)
    }
}

impl berth_agent::Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }
}

//! The time of day, from the machine or from tokio's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use berth_model::Timestamp;
use tokio::time::Instant;

/// Tells the time of day. It may step backwards, as a machine's clock may.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::EPOCH + since_epoch
    }
}

/// A time of day that passes exactly as tokio's timers do, so that pausing the runtime pauses it.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    start: Timestamp,
    started: Instant,
}

impl TokioClock {
    /// It is `start` now. To be called inside a tokio runtime.
    pub fn starting_at(start: Timestamp) -> Self {
        TokioClock { start, started: Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start + self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_past_2025() {
        assert!(SystemClock.now() > Timestamp::from_millis(1_735_689_600_000));
    }

    #[tokio::test(start_paused = true)]
    async fn the_tokio_clock_moves_only_with_the_runtime() {
        let start = Timestamp::from_millis(1_000);
        let clock = TokioClock::starting_at(start);
        assert_eq!(clock.now(), start);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), start + Duration::from_secs(3600));
    }
}

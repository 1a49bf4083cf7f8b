//! How long an agent waits before it connects again.
//!
//! AWS: at once after a normal end, with growing waits after any other, after an hour if it is deregistered.

use std::time::Duration;

use super::failure::End;
use super::wire::Wire;

/// AWS: a deregistered host asks again so seldom.
const AFTER_DEREGISTRATION: Duration = Duration::from_secs(60 * 60);
/// Two sessions in a row that lived shorter than this are a fault, whatever their close codes say.
const TOO_SHORT: Duration = Duration::from_secs(1);
/// A session that lived so long had nothing wrong with it.
const LONG: Duration = Duration::from_secs(60);
/// Up to this share of a wait is added to it.
const JITTER: f64 = 0.2;

/// Waits that grow.
pub(super) struct Backoff {
    first: Duration,
    most: Duration,
    factor: f64,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration, most: Duration, factor: f64) -> Self {
        Self { first, most, factor, next: first }
    }

    /// AWS: for registrations.
    pub(super) fn of_registration() -> Self {
        Self::new(Duration::from_secs(3), Duration::from_secs(192), 2.0)
    }

    /// AWS: for reports on tasks.
    pub(super) fn of_report() -> Self {
        Self::new(Duration::from_millis(30), Duration::from_secs(300), 2.0)
    }

    pub(super) fn next(&mut self, wire: &Wire) -> Duration {
        let wait = self.step();
        wait + wire.up_to(wait.mul_f64(JITTER))
    }

    fn step(&mut self) -> Duration {
        let wait = self.next;
        self.next = self.next.mul_f64(self.factor).min(self.most);
        wait
    }

    fn reset(&mut self) {
        self.next = self.first;
    }
}

/// The waits of one socket.
pub(super) struct Reconnection {
    backoff: Backoff,
    at_once: bool,
    was_short: bool,
}

impl Reconnection {
    pub(super) fn of_assignments() -> Self {
        let backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(120), 1.5);
        Self { backoff, at_once: true, was_short: false }
    }

    /// AWS: telemetry is in no hurry, however its session ended.
    pub(super) fn of_telemetry() -> Self {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), 2.0);
        Self { backoff, at_once: false, was_short: false }
    }

    pub(super) fn after(&mut self, end: &End, lived: Duration, wire: &Wire) -> Duration {
        let wait = self.plain(end, lived);
        wait + wire.up_to(wait.mul_f64(JITTER))
    }

    fn plain(&mut self, end: &End, lived: Duration) -> Duration {
        if lived >= LONG {
            self.backoff.reset();
        }
        let is_short = lived < TOO_SHORT;
        let was_short = std::mem::replace(&mut self.was_short, is_short);
        match end {
            End::Inactive => AFTER_DEREGISTRATION,
            End::Closed if self.at_once && !(is_short && was_short) => {
                self.backoff.reset();
                Duration::ZERO
            }
            End::Closed | End::Failed(_) => self.backoff.step(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_normal_end_is_followed_at_once_unless_it_is_a_habit() {
        let mut waits = Reconnection::of_assignments();
        assert_eq!(waits.plain(&End::Closed, Duration::ZERO), Duration::ZERO);
        assert_eq!(waits.plain(&End::Closed, Duration::ZERO), Duration::from_millis(250));
        assert_eq!(waits.plain(&End::Closed, SECOND), Duration::ZERO);
        assert_eq!(waits.plain(&End::Inactive, SECOND), AFTER_DEREGISTRATION);
    }

    #[test]
    fn failures_are_followed_by_growing_waits() {
        let mut waits = Reconnection::of_telemetry();
        let failed = || End::Failed(anyhow::anyhow!("reset"));
        let seconds: Vec<u64> = (0..8).map(|_| waits.plain(&failed(), SECOND).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(waits.plain(&failed(), LONG), SECOND);
    }
}

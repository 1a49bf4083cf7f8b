//! How long to wait before trying again: longer each time, never in step with other agents.

use std::time::Duration;

use crate::host::Host;

/// Growing waits between `min` and `max`, each with up to a fifth added at random.
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    factor: f64,
    next: Duration,
}

/// AWS: the agent adds up to this share of a wait to it.
const JITTER: f64 = 0.2;

impl Backoff {
    pub(crate) fn new(min: Duration, max: Duration, factor: f64) -> Self {
        Self { min, max, factor, next: min }
    }

    pub(crate) fn reset(&mut self) {
        self.next = self.min;
    }

    pub(crate) fn next(&mut self, host: &Host) -> Duration {
        let wait = self.next;
        self.next = self.next.mul_f64(self.factor).min(self.max);
        wait + host.up_to(wait.mul_f64(JITTER))
    }
}

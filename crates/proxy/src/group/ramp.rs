//! Slow start: a target's share grows from nothing to its whole in a straight line.

use std::time::Duration;

use tokio::time::Instant;

use super::pick::Lot;

#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    began_at: Instant,
    lasts: Duration,
}

impl Ramp {
    pub(super) fn new(began_at: Instant, seconds: u32) -> Self {
        Self { began_at, lasts: Duration::from_secs(u64::from(seconds)) }
    }

    pub(super) fn ends_at(&self) -> Instant {
        self.began_at + self.lasts
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.ends_at()
    }

    /// Of 65536.
    pub(super) fn share(&self, now: Instant) -> u64 {
        let gone = now.saturating_duration_since(self.began_at).as_micros();
        let whole = self.lasts.as_micros().max(1);
        // At most 65536 after `min`, so that nothing is lost.
        (gone * 65_536 / whole).min(65_536) as u64
    }

    pub(super) fn takes(&self, now: Instant, lot: &mut Lot) -> bool {
        lot.below(65_536) < self.share(now)
    }
}

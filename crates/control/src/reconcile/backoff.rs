//! How long to wait after an error.

use std::time::Duration;

use crate::env::IdSource;

/// Doubles from `first` to `cap`; the upper half of each wait is left to chance, so that keys which
/// failed together do not come back together.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    pub first: Duration,
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { first: Duration::from_millis(100), cap: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after so many failures in a row, at least one.
    pub(super) fn wait(&self, failures: u32, ids: &dyn IdSource) -> Duration {
        let doubled = 2_u32
            .checked_pow(failures.saturating_sub(1))
            .and_then(|times| self.first.checked_mul(times));
        let longest = doubled.unwrap_or(self.cap).min(self.cap);
        let half = longest / 2;
        let spread = u64::try_from(half.as_micros()).unwrap_or(u64::MAX - 1);
        half + Duration::from_micros(ids.below(spread + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SeededIds;

    #[test]
    fn waits_double_up_to_the_cap() {
        let backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(10) };
        let ids = SeededIds::new(1);
        for (failures, longest) in
            [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (40, 10), (u32::MAX, 10)]
        {
            let longest = Duration::from_secs(longest);
            for _ in 0..50 {
                let wait = backoff.wait(failures, &ids);
                assert!(longest / 2 <= wait && wait <= longest, "{failures} failures: {wait:?}");
            }
        }
    }

    #[test]
    fn the_seed_decides_the_jitter() {
        let waits = |seed| {
            let ids = SeededIds::new(seed);
            (1..10).map(|failures| Backoff::default().wait(failures, &ids)).collect::<Vec<_>>()
        };
        assert_eq!(waits(3), waits(3));
        assert_ne!(waits(3), waits(4));
    }
}

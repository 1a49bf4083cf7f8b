//! Many buckets, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;

use berth_model::Timestamp;

use super::{Rate, TokenBucket};

/// As many as are ever kept: some ten megabytes.
const MOST: usize = 100_000;
const FEWEST: usize = 1024;

/// A bucket for each key. One that nobody knows is full, so a full one need not be kept.
pub struct Buckets<K> {
    kept: HashMap<K, TokenBucket>,
    /// When there are so many, the full ones go.
    sweep_at: usize,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Buckets { kept: HashMap::new(), sweep_at: FEWEST }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// Takes a token of this key's bucket, if there is one.
    pub fn take(&mut self, key: K, rate: Rate, now: Timestamp) -> bool {
        if self.kept.len() >= self.sweep_at {
            self.sweep(now);
        }
        self.kept.entry(key).or_insert(TokenBucket::FULL).take(rate, now)
    }

    /// Costs little for each call, since as many calls as buckets stay come before the next time.
    fn sweep(&mut self, now: Timestamp) {
        self.kept.retain(|_, bucket| !bucket.is_full(now));
        // Whoever has so many addresses is not held up by a bucket for each of them.
        if self.kept.len() > MOST / 2 {
            self.kept.clear();
        }
        self.kept.shrink_to(FEWEST);
        self.sweep_at = (2 * self.kept.len()).max(FEWEST);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_795_252_450_000);
    const RATE: Rate = Rate::new(2, 1);

    #[test]
    fn keys_have_nothing_to_do_with_each_other() {
        let mut buckets = Buckets::default();
        assert!(buckets.take("a", RATE, START) && buckets.take("a", RATE, START));
        assert!(!buckets.take("a", RATE, START));
        assert!(buckets.take("b", RATE, START));
    }

    #[test]
    fn what_is_full_again_goes_and_what_is_not_stays() {
        let mut buckets = Buckets::default();
        for key in 0..900 {
            buckets.take(key, RATE, START);
        }
        let later = START + Duration::from_secs(5);
        assert!(buckets.take(7, RATE, later) && buckets.take(7, RATE, later));
        for key in 1000..1200 {
            buckets.take(key, RATE, later);
        }
        assert!(buckets.kept.len() < 300, "{}", buckets.kept.len());
        assert!(!buckets.take(7, RATE, later), "it was swept over, and not forgotten");
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let mut buckets = Buckets::default();
        for key in 0..500_000u32 {
            buckets.take(key, RATE, START);
            assert!(buckets.kept.len() <= MOST);
        }
    }
}

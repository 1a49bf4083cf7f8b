//! Where ids, jitter and every other random choice come from.

use std::sync::{Mutex, PoisonError};

use berth_model::Timestamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// A source of bytes that nobody can guess, except with the seed.
pub trait IdSource: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);

    /// Sixteen bytes for a new id.
    fn id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// The same for what there are very many of, and is mostly asked for soon after: ids that are made together may be
    /// neighbours, so that their records share pages of the store. Nobody may rely on it.
    fn neighbouring_id(&self, _now: Timestamp) -> [u8; 16] {
        self.id()
    }

    /// A number below `bound`, which is at least 1. Its bias is below one in 2^32 for any bound under 2^32.
    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }
}

/// The operating system's randomness, stretched by the thread's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }

    /// As a UUID of version 7 does: milliseconds, and then eighty bits of chance. The records of a burst of tasks would
    /// otherwise each be on a page of its own, which is written anew for it.
    fn neighbouring_id(&self, now: Timestamp) -> [u8; 16] {
        let mut id = self.id();
        let (when, _) = id.split_at_mut(6);
        when.copy_from_slice(&now.as_millis().to_be_bytes()[2..]);
        id
    }
}

/// The same bytes in the same order for the same seed.
#[derive(Debug)]
pub struct SeededIds {
    generator: Mutex<ChaCha12Rng>,
}

impl SeededIds {
    pub fn new(seed: u64) -> Self {
        SeededIds { generator: Mutex::new(ChaCha12Rng::seed_from_u64(seed)) }
    }
}

impl IdSource for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        // A generator has no invariant that a panic elsewhere could have broken.
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_id() {
        let (one, two, other) = (SeededIds::new(7), SeededIds::new(7), SeededIds::new(8));
        let first = one.id();
        assert_eq!(first, two.id());
        assert_ne!(first, one.id());
        assert_ne!(first, other.id());
    }

    #[test]
    fn system_ids_differ() {
        assert_ne!(SystemIds.id(), SystemIds.id());
    }

    #[test]
    fn neighbours_are_in_the_order_of_time() {
        let at = |millis| SystemIds.neighbouring_id(Timestamp::from_millis(millis));
        assert!(at(1_767_323_045_000) < at(1_767_323_045_001));
        assert_ne!(at(7), at(7));
    }

    #[test]
    fn below_stays_below() {
        let ids = SeededIds::new(1);
        assert!((0..100).all(|_| ids.below(3) < 3));
        assert_eq!(ids.below(1), 0);
    }
}

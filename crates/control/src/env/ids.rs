//! Where ids, jitter and every other random choice come from.

use std::sync::{Mutex, PoisonError};

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
    fn below_stays_below() {
        let ids = SeededIds::new(1);
        assert!((0..100).all(|_| ids.below(3) < 3));
        assert_eq!(ids.below(1), 0);
    }
}

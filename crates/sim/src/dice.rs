//! All chance of a simulation: independent streams of random numbers, grown from one seed.
//!
//! The network, the faults, the clients and every host have a stream each, so that what one of them
//! draws does not change what another sees.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One stream.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A stream of its own, for one part of the world.
    pub fn fork(&mut self) -> Self {
        Self::new(self.seed())
    }

    /// A seed for something that has its own generator.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.random_range(0.0..1.0) < probability
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound)
    }

    pub fn between(&mut self, range: Range<u32>) -> u32 {
        self.0.random_range(range)
    }

    pub fn duration(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        // Whole milliseconds: tokio's timers know nothing finer.
        let millis = |duration: &Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.0.random_range(millis(range.start())..=millis(range.end())))
    }

    /// `None` of an empty list.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        if among.is_empty() { None } else { Some(&among[self.below(among.len())]) }
    }

    /// One of the choices, by their weights, of which at least one is not zero.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let total = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.0.random_range(0..total);
        for (weight, choice) in choices {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *choice,
            }
        }
        unreachable!("what is left is below the sum of all weights")
    }

    /// 32 hex digits.
    pub fn token(&mut self) -> String {
        format!("{:016x}{:016x}", self.0.next_u64(), self.0.next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_everything() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        assert_eq!(one.fork().token(), two.fork().token());
        assert_eq!(one.seed(), two.seed());
        assert_ne!(Dice::new(7).seed(), Dice::new(8).seed());
    }

    #[test]
    fn a_weight_of_zero_is_never_chosen() {
        let mut dice = Dice::new(1);
        let drawn: Vec<char> =
            (0..200).map(|_| dice.weighted(&[(1, 'a'), (0, 'b'), (3, 'c')])).collect();
        assert!(drawn.contains(&'a') && drawn.contains(&'c') && !drawn.contains(&'b'));
    }
}

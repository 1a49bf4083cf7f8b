//! The fake's only source of chance: SplitMix64, so that a seed means the same for ever.

use std::ops::RangeInclusive;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        // 53 bits are what a double holds; the quotient is in [0, 1), so 0 is never and 1 always.
        ((self.next_u64() >> 11) as f64) / ((1_u64 << 53) as f64) < probability
    }

    pub fn duration(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        let spread = range.end().saturating_sub(*range.start());
        let parts = (self.next_u64() >> 32) as u32;
        *range.start() + spread.mul_f64(f64::from(parts) / f64::from(u32::MAX))
    }

    /// 64 hexadecimal digits, like Docker's ids.
    pub fn id(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.next_u64())).collect()
    }
}

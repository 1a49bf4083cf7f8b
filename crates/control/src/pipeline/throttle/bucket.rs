//! A token bucket, as one number.

use std::time::Duration;

use berth_model::Timestamp;

/// How often something may happen: so many times at once, and so many times a second in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    per_second: u32,
}

impl Rate {
    /// # Panics
    /// For none at all: that is no rate but a prohibition.
    pub const fn new(burst: u32, per_second: u32) -> Self {
        assert!(burst > 0 && per_second > 0, "a rate allows something");
        Rate { burst, per_second }
    }

    pub const fn times(self, factor: u32) -> Self {
        Rate {
            burst: self.burst.saturating_mul(factor),
            per_second: self.per_second.saturating_mul(factor),
        }
    }

    /// How long a token takes to come back, in nanoseconds.
    fn interval(self) -> i64 {
        Duration::from_secs(1).as_nanos() as i64 / i64::from(self.per_second)
    }

    /// How long an empty bucket takes to be full.
    fn span(self) -> i64 {
        self.interval().saturating_mul(i64::from(self.burst))
    }
}

/// A bucket of tokens that come back evenly, known by the instant at which it will be full again, in nanoseconds since
/// the epoch. An empty one is as far from that as all of its tokens take to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    full_at: i64,
}

impl TokenBucket {
    pub const FULL: TokenBucket = TokenBucket { full_at: i64::MIN };

    /// Takes a token, if there is one.
    pub fn take(&mut self, rate: Rate, now: Timestamp) -> bool {
        let (now, span) = (nanos(now), rate.span());
        // No bucket is emptier than empty: nobody waits longer because a clock was set back.
        let full_at = self.full_at.clamp(now, now.saturating_add(span));
        let after = full_at.saturating_add(rate.interval());
        let taken = after.saturating_sub(now) <= span;
        self.full_at = if taken { after } else { full_at };
        taken
    }

    pub fn is_full(&self, now: Timestamp) -> bool {
        self.full_at <= nanos(now)
    }
}

fn nanos(instant: Timestamp) -> i64 {
    instant.as_millis().saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_795_252_450_000);

    fn after(millis: u64) -> Timestamp {
        START + Duration::from_millis(millis)
    }

    fn taken(bucket: &mut TokenBucket, rate: Rate, now: Timestamp, tries: u32) -> usize {
        (0..tries).filter(|_| bucket.take(rate, now)).count()
    }

    #[test]
    fn a_burst_is_what_the_bucket_holds() {
        let rate = Rate::new(50, 20);
        let mut bucket = TokenBucket::FULL;
        assert_eq!(taken(&mut bucket, rate, START, 80), 50);
        // AWS's own example: it is full again after two and a half seconds.
        assert!(!bucket.is_full(after(2499)));
        assert!(bucket.is_full(after(2500)));
        assert_eq!(taken(&mut bucket, rate, after(60_000), 80), 50, "what overflows is lost");
    }

    #[test]
    fn tokens_come_back_evenly() {
        let rate = Rate::new(50, 20);
        let mut bucket = TokenBucket::FULL;
        taken(&mut bucket, rate, START, 50);
        assert_eq!(taken(&mut bucket, rate, after(49), 5), 0);
        assert_eq!(taken(&mut bucket, rate, after(50), 5), 1);
        assert_eq!(taken(&mut bucket, rate, after(1050), 80), 20);
        // Whoever asks all the time gets no less than whoever waits.
        let eager = (1051..=11_050).map(|at| taken(&mut bucket, rate, after(at), 1)).sum::<usize>();
        assert_eq!(eager, 200);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let rate = Rate::new(5, 1);
        let mut bucket = TokenBucket::FULL;
        assert_eq!(taken(&mut bucket, rate, after(3_600_000), 9), 5);
        assert!(!bucket.take(rate, START));
        assert!(bucket.take(rate, after(1000)));
    }

    #[test]
    fn a_large_factor_stays_a_rate() {
        let rate = Rate::new(u32::MAX, u32::MAX).times(200);
        let mut bucket = TokenBucket::FULL;
        assert_eq!(taken(&mut bucket, rate, START, 1000), 1000);
    }
}

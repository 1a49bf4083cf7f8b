//! How long things took, without keeping each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Parts of each power of two: what is read differs from what was by an eighth at most.
const PARTS: usize = 8;
/// Powers of two of microseconds: from one to over an hour.
const POWERS: usize = 32;
const BUCKETS: usize = PARTS * POWERS;

#[derive(Debug)]
pub(crate) struct Times {
    buckets: Box<[AtomicU64; BUCKETS]>,
    microseconds: AtomicU64,
}

/// What was measured until now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    pub count: u64,
    pub sum: Duration,
    /// Ends of buckets that have any, with how many they have, the shortest first.
    pub buckets: Vec<(Duration, u64)>,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            buckets: Box::new([const { AtomicU64::new(0) }; BUCKETS]),
            microseconds: AtomicU64::new(0),
        }
    }
}

impl Times {
    pub(crate) fn note(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(microseconds)].fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(crate) fn histogram(&self) -> Histogram {
        let mut histogram = Histogram {
            sum: Duration::from_micros(self.microseconds.load(Ordering::Relaxed)),
            ..Histogram::default()
        };
        for (place, bucket) in self.buckets.iter().enumerate() {
            let count = bucket.load(Ordering::Relaxed);
            if count > 0 {
                histogram.count += count;
                histogram.buckets.push((Duration::from_micros(end(place)), count));
            }
        }
        histogram
    }
}

impl Histogram {
    pub(super) fn add(&mut self, other: &Histogram) {
        self.count += other.count;
        self.sum += other.sum;
        for (end, count) in &other.buckets {
            match self.buckets.binary_search_by_key(end, |(end, _)| *end) {
                Ok(place) => self.buckets[place].1 += count,
                Err(place) => self.buckets.insert(place, (*end, *count)),
            }
        }
    }

    /// What this share of all took at most, of 0 to 1.
    pub fn percentile(&self, share: f64) -> Duration {
        let wanted = (share.clamp(0.0, 1.0) * self.count as f64).ceil() as u64;
        let mut seen = 0;
        for (end, count) in &self.buckets {
            seen += count;
            if seen >= wanted {
                return *end;
            }
        }
        self.buckets.last().map_or(Duration::ZERO, |(end, _)| *end)
    }
}

/// Up to `PARTS` each number has its own bucket; from there on each power of two has as many.
fn bucket(microseconds: u64) -> usize {
    let parts = PARTS as u64;
    if microseconds < parts {
        return microseconds as usize;
    }
    let power = microseconds.ilog2() - parts.ilog2();
    let part = (microseconds >> power) - parts;
    ((power as usize + 1) * PARTS + part as usize).min(BUCKETS - 1)
}

/// The largest number of a bucket.
fn end(bucket: usize) -> u64 {
    let (power, part) = (bucket / PARTS, (bucket % PARTS) as u64);
    match power {
        0 => part,
        power => ((PARTS as u64 + part + 1) << (power - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BUCKETS, Times, bucket, end};

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for place in 0..BUCKETS - 1 {
            assert_eq!(bucket(end(place)), place);
            assert_eq!(bucket(end(place) + 1), place + 1);
        }
    }

    #[test]
    fn percentiles_are_right_to_an_eighth() {
        let times = Times::default();
        for millis in 1..=1000 {
            times.note(Duration::from_millis(millis));
        }
        let histogram = times.histogram();
        assert_eq!(histogram.count, 1000);
        assert_eq!(histogram.sum, Duration::from_millis(500_500));
        for (share, millis) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = histogram.percentile(share).as_secs_f64() * 1000.0;
            assert!((millis..millis * 1.13).contains(&found), "{share}: {found} for {millis}");
        }
        assert_eq!(Times::default().histogram().percentile(0.5), Duration::ZERO);
    }
}

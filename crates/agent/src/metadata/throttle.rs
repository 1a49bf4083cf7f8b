//! How often one task may ask: a bucket for each, so that nobody's questions cost another his answers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// AWS: questions a second, for as long as anybody likes.
const RATE: f64 = 40.0;
/// AWS: questions at once.
const BURST: f64 = 60.0;
/// With so many buckets, those that have filled up again are thrown away.
const MANY: usize = 1024;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asker {
    /// By its ARN.
    Task(String),
    /// Whoever could not say which task they are.
    Address(IpAddr),
}

#[derive(Default)]
pub(super) struct Throttle {
    buckets: Mutex<BTreeMap<Asker, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        self.left = BURST.min(self.left + RATE * (now - self.at).as_secs_f64());
        self.at = now;
    }
}

impl Throttle {
    /// Whether one more question may be answered now.
    pub(super) fn admit(&self, asker: Asker) -> bool {
        let now = Instant::now();
        // A panic leaves numbers, and any of them will do.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MANY {
            buckets.retain(|_, bucket| {
                bucket.fill(now);
                bucket.left < BURST
            });
        }
        let bucket = buckets.entry(asker).or_insert(Bucket { left: BURST, at: now });
        bucket.fill(now);
        let is_admitted = bucket.left >= 1.0;
        if is_admitted {
            bucket.left -= 1.0;
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_task_has_its_own_bucket() {
        let throttle = Throttle::default();
        let ask = |name: &str| throttle.admit(Asker::Task(name.to_owned()));
        let admitted = |name: &str| (0..1000).filter(|_| ask(name)).count();
        assert_eq!(admitted("a"), 60);
        assert_eq!(admitted("b"), 60, "b is not made to wait for a");
        tokio::time::advance(Duration::from_millis(250)).await;
        assert_eq!(admitted("a"), 10);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(admitted("a"), 60, "no more than a bucket holds");
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_no_more_is_forgotten() {
        let throttle = Throttle::default();
        for number in 0..3 * MANY {
            throttle.admit(Asker::Task(number.to_string()));
            tokio::time::advance(Duration::from_millis(30)).await;
        }
        assert!(throttle.buckets.lock().unwrap().len() < MANY + 2);
    }
}

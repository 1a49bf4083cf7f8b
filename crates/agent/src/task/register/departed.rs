//! Tasks that were here and are no more.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// Tasks that have ended and were cleared away. A server that has not heard of it yet may send one of
/// them again, and must not get it run twice.
#[derive(Default)]
pub(super) struct Departed {
    arns: BTreeSet<String>,
    since: VecDeque<(Instant, String)>,
}

/// Longer than any message is under way.
const DEPARTED_FOR: Duration = Duration::from_secs(60 * 60);

impl Departed {
    pub(super) fn add(&mut self, arn: String) {
        let now = Instant::now();
        while let Some((_, old)) = self.since.pop_front_if(|(since, _)| *since + DEPARTED_FOR < now)
        {
            self.arns.remove(&old);
        }
        if self.arns.insert(arn.clone()) {
            self.since.push_back((now, arn));
        }
    }

    pub(super) fn contains(&self, arn: &str) -> bool {
        self.arns.contains(arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn they_are_known_for_an_hour() {
        let mut departed = Departed::default();
        departed.add("a".to_owned());
        tokio::time::advance(DEPARTED_FOR / 2).await;
        departed.add("b".to_owned());
        assert!(departed.contains("a"));
        tokio::time::advance(DEPARTED_FOR / 2 + Duration::from_secs(1)).await;
        departed.add("c".to_owned());
        assert!(!departed.contains("a") && departed.contains("b"));
    }
}

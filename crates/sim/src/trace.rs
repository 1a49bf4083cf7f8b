//! What happened, in order: the story that leads to a failure, and the proof that two runs were the same.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// A log of everything that the simulated world did. Clones are the same one.
#[derive(Clone)]
pub struct Trace(Arc<Inner>);

struct Inner {
    started: Instant,
    told: Mutex<Told>,
}

struct Told {
    hash: u64,
    events: u64,
    /// Only the last ones are kept; the hash is of all.
    last: VecDeque<String>,
    keep: usize,
}

/// FNV-1a, 64 bits: the same for ever and everywhere, which the standard library's hasher does not promise.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

impl Trace {
    /// Begins now, in tokio's time, and keeps the text of the last `keep` events.
    pub fn new(keep: usize) -> Self {
        let told = Told { hash: OFFSET, events: 0, last: VecDeque::new(), keep };
        Self(Arc::new(Inner { started: Instant::now(), told: Mutex::new(told) }))
    }

    pub fn tell(&self, event: fmt::Arguments<'_>) {
        let at = self.0.started.elapsed();
        let line = format!("{:>10.3} {event}", at.as_secs_f64());
        tracing::debug!(target: "trace", "{line}");
        let mut told = self.told();
        for byte in line.bytes().chain([b'\n']) {
            told.hash = (told.hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        told.events += 1;
        if told.keep == 0 {
            return;
        }
        if told.last.len() == told.keep {
            told.last.pop_front();
        }
        told.last.push_back(line);
    }

    /// Equal for equal stories.
    pub fn hash(&self) -> u64 {
        self.told().hash
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.told().events
    }

    pub fn last(&self) -> Vec<String> {
        self.told().last.iter().cloned().collect()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        // A panic between two assignments leaves a log that is still worth reading.
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a line to a [`Trace`], formatted as by `format!`.
macro_rules! tell {
    ($trace:expr, $($event:tt)+) => { $trace.tell(format_args!($($event)+)) };
}

pub(crate) use tell;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_and_text_make_the_hash() {
        let story = async |pause: u64, text: &str| {
            let trace = Trace::new(2);
            tell!(trace, "begin");
            tokio::time::sleep(Duration::from_millis(pause)).await;
            tell!(trace, "{text}");
            trace.hash()
        };
        assert_eq!(story(5, "end").await, story(5, "end").await);
        assert_ne!(story(5, "end").await, story(6, "end").await);
        assert_ne!(story(5, "end").await, story(5, "and").await);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_last_events_are_kept() {
        let trace = Trace::new(2);
        for number in 0..5 {
            tell!(trace, "event {number}");
        }
        assert_eq!(trace.last(), ["     0.000 event 3", "     0.000 event 4"]);
        assert_eq!(trace.events(), 5);
    }
}

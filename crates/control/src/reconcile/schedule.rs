//! Which key gets a pass next, and when. A plain value: it is told the time and asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Schedule<K> {
    keys: BTreeMap<K, State>,
    /// Keys by when they are due, and among those by who was first.
    due: BTreeSet<(Instant, u64, K)>,
    asked: u64,
    running: usize,
}

/// What is known of a key that runs, waits or has failed. A key at rest is not remembered.
#[derive(Default)]
struct State {
    running: bool,
    /// Its entry in `due`.
    due: Option<(Instant, u64)>,
    /// Woken while it ran.
    again: bool,
    failures: u32,
}

impl<K: Ord + Clone> Schedule<K> {
    pub(super) fn new() -> Self {
        Schedule { keys: BTreeMap::new(), due: BTreeSet::new(), asked: 0, running: 0 }
    }

    /// Something may have changed for this key: due now, or right after the pass that runs. After a
    /// failure the back-off stands: what the failing pass itself wrote must not spin it.
    pub(super) fn wake(&mut self, key: K, now: Instant) {
        let state = self.keys.entry(key.clone()).or_default();
        if state.running {
            state.again = true;
        } else if state.failures == 0 || state.due.is_none() {
            self.set_due(key, now);
        }
    }

    /// The next key that is due; it runs from here on, until `finished`.
    pub(super) fn take(&mut self, now: Instant) -> Option<K> {
        if self.next_due()? > now {
            return None;
        }
        let (_, _, key) = self.due.pop_first()?;
        let state = self.keys.get_mut(&key)?;
        state.due = None;
        state.running = true;
        self.running += 1;
        Some(key)
    }

    /// A pass has ended well. It runs again at once if it was woken meanwhile, or after `next` if given.
    pub(super) fn finished(&mut self, key: &K, next: Option<Duration>, now: Instant) {
        let Some(state) = self.end_pass(key) else { return };
        state.failures = 0;
        let again = std::mem::take(&mut state.again);
        match (again, next) {
            (true, _) => self.set_due(key.clone(), now),
            (false, Some(wait)) => self.set_due(key.clone(), now + wait),
            (false, None) => drop(self.keys.remove(key)),
        }
    }

    /// A pass has failed; `wait` says how long to leave it after so many failures in a row.
    pub(super) fn failed(
        &mut self,
        key: &K,
        now: Instant,
        wait: impl FnOnce(u32) -> Duration,
    ) -> Option<Duration> {
        let state = self.end_pass(key)?;
        state.again = false;
        state.failures = state.failures.saturating_add(1);
        let wait = wait(state.failures);
        self.set_due(key.clone(), now + wait);
        Some(wait)
    }

    /// When the next key is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(at, _, _)| *at)
    }

    /// How many keys run or are due.
    pub(super) fn busy(&self, now: Instant) -> usize {
        self.running + self.due.iter().take_while(|(at, _, _)| *at <= now).count()
    }

    fn end_pass(&mut self, key: &K) -> Option<&mut State> {
        let state = self.keys.get_mut(key).filter(|state| state.running)?;
        state.running = false;
        self.running -= 1;
        Some(state)
    }

    /// Due at `at`, or earlier if it already is.
    fn set_due(&mut self, key: K, at: Instant) {
        let state = self.keys.entry(key.clone()).or_default();
        if let Some((earlier, asked)) = state.due {
            if earlier <= at {
                return;
            }
            self.due.remove(&(earlier, asked, key.clone()));
        }
        self.asked += 1;
        state.due = Some((at, self.asked));
        self.due.insert((at, self.asked, key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn keys_are_taken_in_the_order_they_were_woken() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        for key in ["b", "a", "b", "c"] {
            schedule.wake(key, now);
        }
        assert_eq!(schedule.busy(now), 3);
        assert_eq!(
            [schedule.take(now), schedule.take(now), schedule.take(now)],
            [Some("b"), Some("a"), Some("c")]
        );
        assert_eq!(schedule.take(now), None);
    }

    #[test]
    fn a_key_never_runs_twice_at_once_and_runs_again_if_woken_meanwhile() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        schedule.wake("a", now);
        assert_eq!(schedule.take(now), Some("a"));
        schedule.wake("a", now);
        schedule.wake("a", now);
        assert_eq!(schedule.take(now), None);
        schedule.finished(&"a", None, now);
        assert_eq!(schedule.take(now), Some("a"));
        schedule.finished(&"a", None, now);
        assert_eq!((schedule.take(now), schedule.busy(now), schedule.keys.len()), (None, 0, 0));
    }

    #[test]
    fn a_wake_shortens_a_wait_but_not_a_back_off() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        for key in ["waits", "fails"] {
            schedule.wake(key, now);
            schedule.take(now);
        }
        schedule.finished(&"waits", Some(10 * SECOND), now);
        schedule.failed(&"fails", now, |failures| failures * SECOND);
        assert_eq!(schedule.next_due(), Some(now + SECOND));
        schedule.wake("waits", now);
        schedule.wake("fails", now);
        assert_eq!((schedule.take(now), schedule.take(now)), (Some("waits"), None));
        assert_eq!(schedule.take(now + SECOND), Some("fails"));
        assert_eq!(schedule.failed(&"fails", now, |failures| failures * SECOND), Some(2 * SECOND));
    }

    #[test]
    fn success_forgets_failures() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        schedule.wake("a", now);
        schedule.take(now);
        schedule.failed(&"a", now, |_| SECOND);
        assert_eq!(schedule.take(now + SECOND), Some("a"));
        schedule.finished(&"a", None, now);
        schedule.wake("a", now);
        schedule.take(now);
        assert_eq!(schedule.failed(&"a", now, |failures| failures * SECOND), Some(SECOND));
    }
}

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
    /// How many keys were woken and have yet to rest.
    held_back: usize,
}

/// What is known of a key that runs, rests, waits or has failed. Of others nothing is remembered.
#[derive(Default)]
struct State {
    running: bool,
    /// Its entry in `due`.
    due: Option<(Instant, u64)>,
    /// Whether that entry is for a pass, rather than for the end of its rest.
    wanted: bool,
    /// Woken while it ran.
    again: bool,
    /// It gets no pass before, whatever wakes it.
    rests_until: Option<Instant>,
    /// Woken while it rests.
    held_back: bool,
    failures: u32,
}

impl<K: Ord + Clone> Schedule<K> {
    pub(super) fn new() -> Self {
        Schedule { keys: BTreeMap::new(), due: BTreeSet::new(), asked: 0, running: 0, held_back: 0 }
    }

    /// Something may have changed for this key: due now, after the pass that runs, or when it has rested. After a
    /// failure the back-off stands: what the failing pass itself wrote must not spin it.
    pub(super) fn wake(&mut self, key: K, now: Instant) {
        let state = self.keys.entry(key.clone()).or_default();
        if state.running {
            state.again = true;
        } else if state.failures == 0 || state.due.is_none() {
            let at = state.rests_until.map_or(now, |until| until.max(now));
            if at > now && !state.held_back {
                state.held_back = true;
                self.held_back += 1;
            }
            self.set_due(key, at);
        }
    }

    /// The next key that is due; it runs from here on, until `finished`.
    pub(super) fn take(&mut self, now: Instant) -> Option<K> {
        while self.next_due()? <= now {
            let (_, _, key) = self.due.pop_first()?;
            let state = self.keys.get_mut(&key)?;
            if !state.wanted {
                self.keys.remove(&key);
                continue;
            }
            self.held_back -= usize::from(state.held_back);
            *state = State { running: true, failures: state.failures, ..State::default() };
            self.running += 1;
            return Some(key);
        }
        None
    }

    /// A pass has ended well. When the key has rested it runs again if it was woken meanwhile, or after `next` if given.
    pub(super) fn finished(
        &mut self,
        key: &K,
        next: Option<Duration>,
        rest: Duration,
        now: Instant,
    ) {
        let Some(state) = self.end_pass(key) else { return };
        state.failures = 0;
        state.rests_until = (!rest.is_zero()).then(|| now + rest);
        let again = std::mem::take(&mut state.again);
        match (again, next) {
            (true, _) => self.wake(key.clone(), now),
            (false, Some(wait)) => self.set_due(key.clone(), now + wait.max(rest)),
            (false, None) if rest.is_zero() => drop(self.keys.remove(key)),
            (false, None) => {
                self.set_due(key.clone(), now + rest);
                self.keys.entry(key.clone()).and_modify(|state| state.wanted = false);
            }
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

    /// Whether any key runs, or would if it had not to rest.
    pub(super) fn is_busy(&self, now: Instant) -> bool {
        self.running + self.held_back > 0 || self.next_due().is_some_and(|at| at <= now)
    }

    fn end_pass(&mut self, key: &K) -> Option<&mut State> {
        let state = self.keys.get_mut(key).filter(|state| state.running)?;
        state.running = false;
        self.running -= 1;
        Some(state)
    }

    /// Due for a pass at `at`, or earlier if it already is.
    fn set_due(&mut self, key: K, at: Instant) {
        let state = self.keys.entry(key.clone()).or_default();
        state.wanted = true;
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
        assert!(schedule.is_busy(now));
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
        schedule.finished(&"a", None, Duration::ZERO, now);
        assert_eq!(schedule.take(now), Some("a"));
        schedule.finished(&"a", None, Duration::ZERO, now);
        assert_eq!(
            (schedule.take(now), schedule.is_busy(now), schedule.keys.len()),
            (None, false, 0)
        );
    }

    #[test]
    fn a_wake_shortens_a_wait_but_not_a_back_off() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        for key in ["waits", "fails"] {
            schedule.wake(key, now);
            schedule.take(now);
        }
        schedule.finished(&"waits", Some(10 * SECOND), Duration::ZERO, now);
        schedule.failed(&"fails", now, |failures| failures * SECOND);
        assert_eq!(schedule.next_due(), Some(now + SECOND));
        schedule.wake("waits", now);
        schedule.wake("fails", now);
        assert_eq!((schedule.take(now), schedule.take(now)), (Some("waits"), None));
        assert_eq!(schedule.take(now + SECOND), Some("fails"));
        assert_eq!(schedule.failed(&"fails", now, |failures| failures * SECOND), Some(2 * SECOND));
    }

    #[test]
    fn a_key_rests_whatever_wakes_it_and_is_busy_only_if_something_did() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        for key in ["woken", "asks", "done"] {
            schedule.wake(key, now);
            schedule.take(now);
        }
        schedule.wake("woken", now);
        schedule.finished(&"woken", None, 2 * SECOND, now);
        assert!(schedule.is_busy(now));
        schedule.finished(&"asks", Some(SECOND), 3 * SECOND, now);
        schedule.finished(&"done", None, 3 * SECOND, now);
        assert_eq!(schedule.take(now + SECOND), None);
        assert_eq!(schedule.take(now + 2 * SECOND), Some("woken"));
        schedule.finished(&"woken", None, Duration::ZERO, now + 2 * SECOND);
        assert!(!schedule.is_busy(now + 2 * SECOND));
        schedule.wake("done", now + 2 * SECOND);
        assert!(schedule.is_busy(now + 2 * SECOND));
        assert_eq!(schedule.take(now + 2 * SECOND), None);
        let later = now + 3 * SECOND;
        assert_eq!((schedule.take(later), schedule.take(later)), (Some("asks"), Some("done")));
        for key in ["asks", "done"] {
            schedule.finished(&key, None, SECOND, later);
        }
        assert_eq!(schedule.take(later + SECOND), None);
        assert_eq!((schedule.keys.len(), schedule.due.len(), schedule.held_back), (0, 0, 0));
    }

    #[test]
    fn success_forgets_failures() {
        let (mut schedule, now) = (Schedule::new(), Instant::now());
        schedule.wake("a", now);
        schedule.take(now);
        schedule.failed(&"a", now, |_| SECOND);
        assert_eq!(schedule.take(now + SECOND), Some("a"));
        schedule.finished(&"a", None, Duration::ZERO, now);
        schedule.wake("a", now);
        schedule.take(now);
        assert_eq!(schedule.failed(&"a", now, |failures| failures * SECOND), Some(SECOND));
    }
}

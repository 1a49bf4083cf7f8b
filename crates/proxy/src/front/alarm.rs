//! A timer for requests that follow each other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::timer::Timer;

/// Where it is between two requests. Several at once have one each, of which the last is kept.
#[derive(Default)]
pub(super) struct Kept(Mutex<Timer>);

pub(super) struct Alarm<'k> {
    timer: Timer,
    kept: &'k Kept,
}

impl Kept {
    pub(super) fn take(&self) -> Alarm<'_> {
        Alarm { timer: std::mem::take(&mut *self.lock()), kept: self }
    }

    /// Nobody waits for a while.
    pub(super) fn forget(&self) {
        *self.lock() = Timer::default();
    }

    fn lock(&self) -> MutexGuard<'_, Timer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Alarm<'_> {
    /// Ready at that time, and not before.
    pub(super) fn poll(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.poll(until, cx)
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if self.timer.is_set() {
            *self.kept.lock() = std::mem::take(&mut self.timer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::time::{Instant, timeout};

    use super::Kept;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_when_it_is_wanted_whatever_it_was_set_to() {
        let kept = Kept::default();
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        // Set for the tenth second, and given up in the first.
        let mut first = kept.take();
        let waiting = poll_fn(|cx| first.poll(after(10), cx));
        timeout(Duration::from_secs(1), waiting).await.expect_err("it is too soon");
        drop(first);
        // Later than it is set to, sooner, and at once.
        for (until, is_at) in [(15, 15), (40, 40), (41, 41), (5, 41)] {
            let mut alarm = kept.take();
            poll_fn(|cx| alarm.poll(after(until), cx)).await;
            assert_eq!(Instant::now(), after(is_at));
        }
        let mut long = kept.take();
        let waiting = poll_fn(|cx| long.poll(after(100), cx));
        timeout(Duration::from_secs(1), waiting).await.expect_err("it is too soon");
        drop(long);
        let mut sooner = kept.take();
        poll_fn(|cx| sooner.poll(after(50), cx)).await;
        assert_eq!(Instant::now(), after(50));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_at_once_have_one_each() {
        let kept = Kept::default();
        let begun = Instant::now();
        let (mut one, mut other) = (kept.take(), kept.take());
        let soon = begun + Duration::from_secs(1);
        let late = begun + Duration::from_secs(2);
        tokio::join!(poll_fn(|cx| other.poll(late, cx)), async {
            poll_fn(|cx| one.poll(soon, cx)).await;
            assert_eq!(Instant::now(), soon);
        });
        assert_eq!(Instant::now(), late);
    }
}

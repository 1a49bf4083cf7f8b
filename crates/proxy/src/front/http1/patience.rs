//! How long is waited for whatever comes next.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// One for whatever is waited for, one thing after another.
#[derive(Default)]
pub(super) struct Patience {
    /// Made when something is waited for. It runs on when that came, and is looked at when it ends: most never do.
    timer: Option<Pin<Box<Sleep>>>,
    /// None if nothing was waited for yet.
    since: Option<Instant>,
}

impl Patience {
    /// Something came, or something else is waited for now.
    pub(super) fn renew(&mut self) {
        self.since = None;
    }

    /// Ready when it was waited for so long.
    pub(super) fn poll(&mut self, most: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let until = *self.since.get_or_insert_with(Instant::now) + most;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() > until {
            timer.as_mut().reset(until);
        }
        while timer.deadline() < until {
            ready!(timer.as_mut().poll(cx));
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(cx)
    }
}

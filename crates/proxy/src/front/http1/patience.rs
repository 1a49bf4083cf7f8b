//! How long is waited for whatever comes next.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::super::timer::Timer;

/// One for whatever is waited for, one thing after another.
#[derive(Default)]
pub(super) struct Patience {
    timer: Timer,
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
        let since = *self.since.get_or_insert_with(Instant::now);
        self.timer.poll(since + most, cx)
    }
}

//! What a gate and those behind it know of each other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::Verdict;

/// What the other end of a connection learns of its requests, in their order.
#[derive(Debug, Default)]
pub(in crate::front) struct Verdicts {
    inner: Mutex<VerdictsInner>,
    /// Whether all that came has passed, up to the end of a request.
    is_between: AtomicBool,
    /// Whether all that was to be written is written.
    is_flushed: AtomicBool,
}

#[derive(Debug, Default)]
struct VerdictsInner {
    /// One at a time: the next head is shown when this one is taken.
    next: Option<Verdict>,
    /// Whether a request is being answered.
    is_busy: bool,
    /// When the last was answered, or the connection began.
    rests_since: Option<Instant>,
    /// Whether it is no HTTP any more.
    is_open: bool,
    /// Of a gate that holds back the next request.
    waiting: Option<Waker>,
}

impl Verdicts {
    pub(in crate::front) fn begin() -> Arc<Verdicts> {
        let verdicts = Verdicts { is_flushed: true.into(), ..Verdicts::default() };
        verdicts.inner().rests_since = Some(Instant::now());
        Arc::new(verdicts)
    }

    /// Of the request that comes now.
    pub(in crate::front) fn take(&self) -> Option<Verdict> {
        let mut inner = self.inner();
        inner.is_busy = true;
        inner.next.take()
    }

    /// The next request may come.
    pub(in crate::front) fn answered(&self) {
        let waiting = {
            let mut inner = self.inner();
            inner.is_busy = false;
            inner.rests_since = Some(Instant::now());
            inner.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// What comes from now on is no HTTP.
    pub(in crate::front) fn open(&self) {
        self.inner().is_open = true;
        self.answered();
    }

    /// Whether nothing was under way for so long, so that nobody but the gate has anything of this connection.
    pub(in crate::front) fn rests_for(&self, time: Duration) -> bool {
        self.rests_since().is_some_and(|since| since.elapsed() >= time)
            && self.is_between.load(Ordering::Relaxed)
            && self.is_flushed.load(Ordering::Relaxed)
    }

    pub(super) fn is_open(&self) -> bool {
        self.inner().is_open
    }

    /// None if a request is under way.
    pub(super) fn rests_since(&self) -> Option<Instant> {
        let inner = self.inner();
        inner.rests_since.filter(|_| !inner.is_busy && inner.next.is_none())
    }

    pub(super) fn is_busy(&self) -> bool {
        let inner = self.inner();
        inner.is_busy || inner.next.is_some()
    }

    /// Whether all that came has passed.
    pub(super) fn between(&self, is_between: bool) {
        self.is_between.store(is_between, Ordering::Relaxed);
    }

    /// Whether all that was to be written is written.
    pub(super) fn flushed(&self, is_flushed: bool) {
        self.is_flushed.store(is_flushed, Ordering::Relaxed);
    }

    /// Whether the next request has to wait; whoever asks is woken when it need not.
    pub(super) fn holds_back(&self, cx: &mut Context<'_>) -> bool {
        let mut inner = self.inner();
        let busy = inner.is_busy || inner.next.is_some();
        if busy {
            inner.waiting = Some(cx.waker().clone());
        }
        busy
    }

    pub(super) fn put(&self, verdict: Verdict) {
        self.inner().next = Some(verdict);
    }

    fn inner(&self) -> MutexGuard<'_, VerdictsInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

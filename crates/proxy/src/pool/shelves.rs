//! Connections that wait for their next request.
//!
//! Each worker has a shelf, which it alone uses as a rule: its lock is free. The connection that was used last is used next, so that those
//! that are too many grow old and are closed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::http1::Lane;

const SHELVES: usize = 8;
/// More are not worth their sockets.
const MOST: usize = 512;
/// How long one waits for a request.
const IDLE: Duration = Duration::from_secs(60);
/// How often those are looked for that waited too long, or that their target closed.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Shelves {
    shelves: [Mutex<VecDeque<Idle>>; SHELVES],
    is_retired: AtomicBool,
    is_swept: AtomicBool,
}

struct Idle {
    lane: Box<Lane>,
    since: Instant,
}

/// The shelf of this thread.
fn own() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % SHELVES);
    }
    OWN.get()
}

impl Shelves {
    /// One that was alive when it was last heard of, which is now.
    pub(super) async fn take(&self) -> Option<Box<Lane>> {
        poll_fn(|cx| Poll::Ready(self.take_quiet(cx))).await
    }

    fn take_quiet(&self, cx: &mut Context<'_>) -> Option<Box<Lane>> {
        let own = own();
        for distance in 0..SHELVES {
            let place = (own + distance) % SHELVES;
            // Bound first: a lock in the condition would be held while the connection is looked at.
            let mut next = self.shelf(place).pop_back();
            while let Some(mut idle) = next {
                if idle.lane.is_quiet(cx) {
                    return Some(idle.lane);
                }
                next = self.shelf(place).pop_back();
            }
        }
        None
    }

    pub(super) fn put(self: &Arc<Self>, lane: Box<Lane>) {
        if self.is_retired.load(Ordering::Acquire) {
            return;
        }
        let oldest = {
            let mut shelf = self.shelf(own());
            shelf.push_back(Idle { lane, since: Instant::now() });
            if shelf.len() > MOST { shelf.pop_front() } else { None }
        };
        drop(oldest);
        if self.is_retired.load(Ordering::Acquire) {
            self.clear();
        } else if !self.is_swept.swap(true, Ordering::AcqRel) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
        self.clear();
    }

    fn clear(&self) {
        for place in 0..SHELVES {
            let closed = std::mem::take(&mut *self.shelf(place));
            drop(closed);
        }
    }

    /// Closes those that waited too long or are dead; whether any are left.
    fn sweep(&self) -> bool {
        let now = Instant::now();
        let mut cx = Context::from_waker(Waker::noop());
        let mut any = false;
        for place in 0..SHELVES {
            let mut shelf = self.shelf(place);
            shelf.retain_mut(|idle| {
                idle.lane.is_quiet(&mut cx) && now.duration_since(idle.since) < IDLE
            });
            any |= !shelf.is_empty();
        }
        any
    }

    fn shelf(&self, place: usize) -> MutexGuard<'_, VecDeque<Idle>> {
        self.shelves[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Goes on for as long as there is anything to look after.
async fn sweep(shelves: Weak<Shelves>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(shelves) = shelves.upgrade() else { return };
        if !shelves.sweep() {
            shelves.is_swept.store(false, Ordering::Release);
            return;
        }
    }
}

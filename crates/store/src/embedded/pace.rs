//! How quickly the folder works: in short pieces with rests between them, so that it is in nobody's way on a machine that
//! is busy; without a rest once too much waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A piece of work. Answers wait for as long at most, if there is one processor for both.
const PIECE: Duration = Duration::from_millis(1);
/// So a fold takes a fourth of a processor.
const REST: Duration = Duration::from_millis(3);
/// How much may wait before there are no more rests.
const CALM: usize = 4;

/// Counts what waits.
#[derive(Debug, Default)]
pub(super) struct Waiting(AtomicUsize);

impl Waiting {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn done(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn is_calm(&self) -> bool {
        self.0.load(Ordering::Relaxed) <= CALM
    }
}

pub(super) struct Pace<'a> {
    waiting: &'a Waiting,
    since: Instant,
}

impl<'a> Pace<'a> {
    pub(super) fn new(waiting: &'a Waiting) -> Self {
        Self { waiting, since: Instant::now() }
    }

    /// To be called often.
    pub(super) fn breathe(&mut self) {
        if self.since.elapsed() >= PIECE {
            if self.waiting.is_calm() {
                thread::sleep(REST);
            }
            self.since = Instant::now();
        }
    }
}

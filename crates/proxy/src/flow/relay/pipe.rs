//! A pipe of the kernel's, for much that is on its way from one socket to another: it is moved, not copied.
//!
//! Like chunks, pipes are borrowed while something moves. What a receiver does not take stays in its pipe, so there are only so many.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

/// What a pipe holds, if the kernel grants it: more moves more at a time.
const SIZE: usize = 256 * 1024;
/// All that pipes can hold together is 64 MiB.
const MOST: usize = 256;
/// What a thread keeps for the next ones.
const KEPT: usize = 4;

static BORROWED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static FREE: RefCell<Vec<Ends>> = const { RefCell::new(Vec::new()) };
}

struct Ends {
    out: OwnedFd,
    into: OwnedFd,
}

pub(super) struct Pipe {
    ends: Option<Ends>,
    held: usize,
}

impl Pipe {
    /// None if there are too many already, or none to be had: then everything is copied.
    pub(super) fn take() -> Option<Self> {
        // Given back by `drop` if it is one too many.
        let mut pipe = Self { ends: None, held: 0 };
        if BORROWED.fetch_add(1, Ordering::Relaxed) >= MOST {
            return None;
        }
        pipe.ends = FREE.with_borrow_mut(Vec::pop).or_else(|| {
            let (out, into) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC).ok()?;
            // One that is smaller does as well.
            let _ = fcntl_setpipe_size(&into, SIZE);
            Some(Ends { out, into })
        });
        pipe.ends.is_some().then_some(pipe)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Takes what has come to a socket; zero is its end.
    pub(super) fn fill(&mut self, from: impl AsFd) -> io::Result<usize> {
        let moved = splice(from, None, &self.ends().into, None, SIZE, FLAGS)?;
        self.held += moved;
        Ok(moved)
    }

    pub(super) fn drain(&mut self, to: impl AsFd) -> io::Result<usize> {
        let moved = splice(&self.ends().out, None, to, None, self.held, FLAGS)?;
        self.held -= moved;
        Ok(moved)
    }

    fn ends(&self) -> &Ends {
        self.ends.as_ref().expect("`take` gives out none without them")
    }
}

const FLAGS: SpliceFlags = SpliceFlags::NONBLOCK.union(SpliceFlags::MOVE);

impl Drop for Pipe {
    fn drop(&mut self) {
        BORROWED.fetch_sub(1, Ordering::Relaxed);
        let Some(ends) = self.ends.take().filter(|_| self.held == 0) else { return };
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(ends);
            }
        });
    }
}

//! Memory for what is on its way: borrowed while something moves, so that connections that are silent have none.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// As much as a datagram can have.
const SIZE: usize = 64 * 1024;
/// What a thread keeps for the next ones.
const KEPT: usize = 16;

thread_local! {
    static FREE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

pub(in crate::flow) struct Chunk(Box<[u8]>);

impl Chunk {
    pub(in crate::flow) fn take() -> Self {
        let free = FREE.with_borrow_mut(Vec::pop);
        Self(free.unwrap_or_else(|| vec![0; SIZE].into_boxed_slice()))
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let chunk = std::mem::take(&mut self.0);
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(chunk);
            }
        });
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Chunk {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

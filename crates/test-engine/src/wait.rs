//! Waiting for a state that nobody announces: looking again and again.

use std::fmt::Display;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Far longer than anything waited for takes on the slowest machine that we know.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Attempts until it succeeds; the error is that of the last attempt there was patience for.
pub fn persist<T, E>(mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(_) if begun.elapsed() < PATIENCE => sleep(LOOK_EVERY),
            other => return other,
        }
    }
}

/// Looks until there is an answer. `Err` says what was seen instead, for the panic if there never is one.
#[track_caller]
pub fn until<T, E: Display>(what: &str, look: impl FnMut() -> Result<T, E>) -> T {
    match persist(look) {
        Ok(found) => found,
        Err(seen) => {
            panic!("waited {} s in vain until {what}; last seen: {seen}", PATIENCE.as_secs())
        }
    }
}

//! Waiting for a state that nobody announces: looking again and again.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Far longer than anything waited for takes on the slowest machine that we know.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// Attempts until it succeeds; the error is that of the last attempt there was patience for.
pub fn until<T, E>(mut attempt: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(_) if begun.elapsed() < PATIENCE => sleep(PAUSE),
            other => return other,
        }
    }
}

//! Waiting for a state that somebody else brings about.

use std::thread::sleep;
use std::time::{Duration, Instant};

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Far longer than anything waited for takes on the slowest machine that we know.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until there is an answer. `Err` says what was seen instead, for the panic if there never is.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) if begun.elapsed() > PATIENCE => {
                panic!("waited {} s in vain until {what}; last seen: {seen}", PATIENCE.as_secs())
            }
            Err(_) => sleep(LOOK_EVERY),
        }
    }
}

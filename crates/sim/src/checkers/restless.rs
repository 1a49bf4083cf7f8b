//! Nothing is done again and again at one instant: who is never content goes on until the clock can never move.

use berth_model::Timestamp;

use super::{Checker, Sight};

/// More commits than one instant can have a use for.
const TOO_MANY: u32 = 2_000;

#[derive(Default)]
pub(super) struct Restless {
    at: Timestamp,
    commits: u32,
}

impl Checker for Restless {
    fn name(&self) -> &'static str {
        "restless"
    }

    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String> {
        let Sight::Commit(_) = sight else { return Ok(()) };
        if self.at != now {
            *self = Self { at: now, commits: 0 };
        }
        self.commits += 1;
        match self.commits {
            TOO_MANY => Err(format!("{TOO_MANY} commits at {now}, and no end in sight")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_is_never_content_is_found_out() {
        let (mut checker, now) = (Restless::default(), Timestamp::from_millis(1_000));
        let mut see = |at| checker.see(&Sight::Commit(&[]), at);
        for millis in 0..10 {
            let later = now + Duration::from_millis(millis);
            assert!((0..TOO_MANY - 1).all(|_| see(later).is_ok()));
        }
        assert!((0..TOO_MANY).any(|_| see(now).is_err()));
    }
}

//! Rotation: new values for a secret, made and put in force by a program of the user's own, on a schedule.
//!
//! On AWS the program is a Lambda function; here it is a task (ADR 24). What it is asked is the same: four steps, each with
//! the secret and the version that is to come in force. `rules.rs` knows schedules, `rotator.rs` what may be a rotator,
//! `runs.rs` how a rotation goes on from step to step; the reconcilers `begin_rotations.rs` and `rotate_secrets.rs` make
//! it do so.

mod rotator;
mod rules;
pub mod runs;

use berth_model::Timestamp;

pub use rotator::rotator;

use crate::tables::{RotationSchedule, Secret, SecretRotation};

/// When the next window opens, if the secret was last rotated when its row says.
pub fn next_due(rotation: &SecretRotation, now: Timestamp) -> Option<Timestamp> {
    rotation.rules.as_ref()?.opens(rotation.ruled_at, rotation.rotated_at, now)
}

/// AWS: whoever counts in days counts from a value that came in force by hand, too.
pub fn renewed_by_hand(rotation: &mut SecretRotation, now: Timestamp) {
    if let Some(rules) = &rotation.rules
        && matches!(rules.schedule, RotationSchedule::AfterDays(_))
    {
        rotation.due_at = rules.opens(rotation.ruled_at, Some(now), now);
    }
}

/// AWS: what is told is the last second of the window, by which the secret will have been rotated.
pub fn next_date(secret: &Secret) -> Option<Timestamp> {
    let rules = secret.rotation.as_ref()?.rules.as_ref()?;
    Some(rules.closes(secret.rotates_at()?) - std::time::Duration::from_secs(1))
}

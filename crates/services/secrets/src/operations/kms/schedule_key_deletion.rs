//! ScheduleKeyDeletion: the key does nothing from now on, and is gone when its window has passed.

use std::sync::Arc;
use std::time::Duration;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::{Key, KeyState};

/// AWS: as long as nothing is said.
const WINDOW: i32 = 30;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn schedule_key_deletion(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ScheduleKeyDeletionRequest,
) -> Result<api::ScheduleKeyDeletionResponse, Failure<api::Error>> {
    let window = input.pending_window_in_days.unwrap_or(WINDOW);
    let window_days = u8::try_from(window).ok().filter(|days| (7..=30).contains(days));
    let window_days = window_days.ok_or_else(|| {
        request::invalid(format!("PendingWindowInDays must be between 7 and 30, and is {window}."))
    })?;
    let at = call.now + DAY * u32::from(window_days);
    let schedule = move |key: &mut Key| {
        key.state = KeyState::PendingDeletion { at, window_days };
        Ok(key.arn())
    };
    let arn = request::change(&secrets, &call, input.key_id, Needs::Lasting, schedule).await?;
    Ok(api::ScheduleKeyDeletionResponse {
        key_id: Some(arn),
        deletion_date: Some(at),
        key_state: Some(api::KeyState::PendingDeletion),
        pending_window_in_days: Some(window),
    })
}

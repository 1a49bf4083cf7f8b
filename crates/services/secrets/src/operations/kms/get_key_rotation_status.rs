//! GetKeyRotationStatus: whether a key rotates by itself, and when next.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::keys::find;
use crate::service::Secrets;

pub async fn get_key_rotation_status(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetKeyRotationStatusRequest,
) -> Result<api::GetKeyRotationStatusResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let key = find(&view, &call.scope, &input.key_id.unwrap_or_default())?;
    request::check(key, Needs::Lasting)?;
    Ok(api::GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(key.rotation.is_some()),
        key_id: Some(key.id.to_string()),
        rotation_period_in_days: key.rotation.and_then(|r| i32::try_from(r.period_days).ok()),
        next_rotation_date: key.rotation.map(|rotation| rotation.next_at()),
        on_demand_rotation_start_date: None,
    })
}

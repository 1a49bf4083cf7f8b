//! EnableKeyRotation: new material every year, or as often as is said.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::{Key, Rotation};

/// AWS: as long as nothing is said.
const PERIOD: u32 = 365;

/// AWS: enabling it again with another period counts from now; with the same one it changes nothing.
pub async fn enable_key_rotation(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::EnableKeyRotationRequest,
) -> Result<Unit, Failure<api::Error>> {
    let wanted = input.rotation_period_in_days.map(i32::unsigned_abs);
    let since = call.now;
    let enable = move |key: &mut Key| {
        let known = key.rotation.map(|rotation| rotation.period_days);
        let period_days = wanted.or(known).unwrap_or(PERIOD);
        if known != Some(period_days) {
            key.rotation = Some(Rotation { period_days, since });
        }
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Enabled, enable).await?;
    Ok(Unit {})
}

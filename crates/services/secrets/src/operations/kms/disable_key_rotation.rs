//! DisableKeyRotation: the key keeps the material it has, all of it.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::Key;

pub async fn disable_key_rotation(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DisableKeyRotationRequest,
) -> Result<Unit, Failure<api::Error>> {
    let disable = |key: &mut Key| {
        key.rotation = None;
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Enabled, disable).await?;
    Ok(Unit {})
}

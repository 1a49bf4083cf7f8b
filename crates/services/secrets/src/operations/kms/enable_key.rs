//! EnableKey: what a disabled key has encrypted opens again.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::{Key, KeyState};

pub async fn enable_key(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::EnableKeyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let change = |key: &mut Key| {
        key.state = KeyState::Enabled;
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Lasting, change).await?;
    Ok(Unit {})
}

//! UpdateKeyDescription.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::Key;

pub async fn update_key_description(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::UpdateKeyDescriptionRequest,
) -> Result<Unit, Failure<api::Error>> {
    let update = |key: &mut Key| {
        key.description = input.description.unwrap_or_default();
        Ok(())
    };
    request::change(&secrets, &call, input.key_id, Needs::Lasting, update).await?;
    Ok(Unit {})
}

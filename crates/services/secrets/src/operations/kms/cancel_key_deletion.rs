//! CancelKeyDeletion: the key stays, disabled.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request::{self, Needs};
use crate::service::Secrets;
use crate::tables::KeyState;

pub async fn cancel_key_deletion(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::CancelKeyDeletionRequest,
) -> Result<api::CancelKeyDeletionResponse, Failure<api::Error>> {
    let cancel = |key: &mut crate::tables::Key| match key.state {
        KeyState::PendingDeletion { .. } => {
            key.state = KeyState::Disabled;
            Ok(key.arn())
        }
        _ => {
            let words = format!("{} is not pending deletion.", key.arn());
            Err(api::Error::kms_invalid_state(words).into())
        }
    };
    let arn = request::change(&secrets, &call, input.key_id, Needs::Nothing, cancel).await?;
    Ok(api::CancelKeyDeletionResponse { key_id: Some(arn) })
}

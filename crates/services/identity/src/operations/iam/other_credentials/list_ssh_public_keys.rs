//! ListSSHPublicKeys: none.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use super::is_somebody;
use crate::service::Identity;

pub async fn list_ssh_public_keys(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListSSHPublicKeysRequest,
) -> Result<api::ListSSHPublicKeysResponse, Failure<api::Error>> {
    is_somebody(&identity, &call, input.user_name)?;
    Ok(api::ListSSHPublicKeysResponse {
        ssh_public_keys: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

//! GetKeyPolicy: as it was written.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::policy;
use crate::keys::find;
use crate::service::Secrets;

pub async fn get_key_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetKeyPolicyRequest,
) -> Result<api::GetKeyPolicyResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let key = find(&view, &call.scope, &input.key_id.unwrap_or_default())?;
    policy::check_name(&input.policy_name)?;
    Ok(api::GetKeyPolicyResponse {
        policy: Some(secrets.principals.written(&call.scope, key.policy.as_str())),
        policy_name: Some(policy::NAME.to_owned()),
    })
}

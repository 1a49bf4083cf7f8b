//! GetResourcePolicy: a secret's policy, as it was written.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, policy};
use crate::service::Secrets;
use crate::tables::PolicyText;

pub async fn get_resource_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GetResourcePolicyRequest,
) -> Result<api::GetResourcePolicyResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let secret = naming::find(&view, &call.scope, &input.secret_id.unwrap_or_default())?;
    if input.policy_name.as_deref().is_some_and(|name| name != policy::DEFAULT) {
        return Err(api::Error::resource_not_found(
            "Secrets Manager can't find the specified resource policy.",
        )
        .into());
    }
    let written = |policy: &PolicyText| secrets.principals.written(&call.scope, policy.as_str());
    Ok(api::GetResourcePolicyResponse {
        arn: Some(secret.arn()),
        name: Some(secret.name.clone()),
        policy_name: input.policy_name,
        resource_policy: secret.policy.as_ref().map(written),
    })
}

//! ValidateResourcePolicy: what would become of a policy, without putting it anywhere.

use std::sync::Arc;

use berth_aws_api::secretsmanager as api;
use berth_control::pipeline::{Call, Failure};

use crate::secretsmanager::{naming, policy};
use crate::service::Secrets;

pub async fn validate_resource_policy(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ValidateResourcePolicyRequest,
) -> Result<api::ValidateResourcePolicyResponse, Failure<api::Error>> {
    if let Some(id) = input.secret_id {
        naming::find_live(&secrets.cell.snapshot(), &call.scope, &id)?;
    }
    let policy = policy::parse(input.resource_policy)?;
    policy::bound(&secrets, &call, &policy)?;
    let errors = policy::is_public(&policy).then(|| api::ValidationErrorsEntry {
        check_name: Some("PUBLIC_POLICY".to_owned()),
        error_message: Some("The resource policy grants broad access to the secret.".to_owned()),
    });
    Ok(api::ValidateResourcePolicyResponse {
        policy_validation_passed: Some(errors.is_none()),
        validation_errors: Some(errors.into_iter().collect()),
    })
}

//! GetRolePolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::documents;
use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn get_role_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetRolePolicyRequest,
) -> Result<api::GetRolePolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    let view = identity.cell.snapshot();
    let (role, policy) = inline::get::<Role>(&view, account, &name, &policy_name)?;
    Ok(api::GetRolePolicyResponse {
        role_name: Some(role.about.name.clone()),
        policy_document: Some(documents::render(policy)),
        policy_name: Some(policy_name),
    })
}

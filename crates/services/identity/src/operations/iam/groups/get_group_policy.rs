//! GetGroupPolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::documents;
use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn get_group_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetGroupPolicyRequest,
) -> Result<api::GetGroupPolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    let view = identity.cell.snapshot();
    let (group, policy) = inline::get::<Group>(&view, account, &name, &policy_name)?;
    Ok(api::GetGroupPolicyResponse {
        group_name: Some(group.about.name.clone()),
        policy_document: Some(documents::render(policy)),
        policy_name: Some(policy_name),
    })
}

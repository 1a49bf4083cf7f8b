//! GetUserPolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::documents;
use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn get_user_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetUserPolicyRequest,
) -> Result<api::GetUserPolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    let view = identity.cell.snapshot();
    let (user, policy) = inline::get::<User>(&view, account, &name, &policy_name)?;
    Ok(api::GetUserPolicyResponse {
        user_name: Some(user.about.name.clone()),
        policy_document: Some(documents::render(policy)),
        policy_name: Some(policy_name),
    })
}

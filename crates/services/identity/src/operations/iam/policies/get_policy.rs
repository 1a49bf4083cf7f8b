//! GetPolicy: what a managed policy is; GetPolicyVersion has what it says.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{managed, render};

pub async fn get_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetPolicyRequest,
) -> Result<api::GetPolicyResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let view = identity.cell.snapshot();
    let policy = managed::expect(&view, account, &input.policy_arn.unwrap_or_default())?;
    Ok(api::GetPolicyResponse { policy: Some(render::policy(&view, account, policy)) })
}

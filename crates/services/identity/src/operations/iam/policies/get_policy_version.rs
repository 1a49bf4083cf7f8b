//! GetPolicyVersion: what a managed policy says, or said.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::Account;
use crate::{managed, render};

pub async fn get_policy_version(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetPolicyVersionRequest,
) -> Result<api::GetPolicyVersionResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let view = identity.cell.snapshot();
    let policy = managed::expect(&view, account, &arn)?;
    let number = managed::version_number(policy, &arn, &input.version_id.unwrap_or_default())?;
    let version = policy.versions().into_iter().find(|(found, _, _)| *found == number);
    Ok(api::GetPolicyVersionResponse {
        policy_version: version.map(|version| render::policy_version(policy, version)),
    })
}

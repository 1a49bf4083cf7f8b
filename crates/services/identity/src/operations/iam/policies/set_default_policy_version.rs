//! SetDefaultPolicyVersion: which version is in force.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::managed::{self, Managed};
use crate::service::Identity;
use crate::tables::Account;

pub async fn set_default_policy_version(
    identity: Arc<Identity>,
    call: Call,
    input: api::SetDefaultPolicyVersionRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let version = input.version_id.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut policy = managed::expect_customer(tx, account, &arn)?.clone();
            policy.default_version =
                managed::version_number(Managed::Customer(&policy), &arn, &version)?;
            policy.updated_at = call.now;
            tx.put(policy);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}

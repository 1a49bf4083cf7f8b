//! DeletePolicyVersion: not of the one that is in force.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::conflict;
use crate::managed::{self, Managed};
use crate::service::Identity;
use crate::tables::Account;

pub async fn delete_policy_version(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeletePolicyVersionRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    let version = input.version_id.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut policy = managed::expect_customer(tx, account, &arn)?.clone();
            let number = managed::version_number(Managed::Customer(&policy), &arn, &version)?;
            if number == policy.default_version {
                return Err(conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.retain(|version| version.number != number);
            policy.updated_at = call.now;
            tx.put(policy);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

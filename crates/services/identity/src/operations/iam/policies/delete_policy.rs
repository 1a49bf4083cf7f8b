//! DeletePolicy: only of one that nobody holds and that has one version.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::holder::conflict;
use crate::managed::{self, Managed};
use crate::service::Identity;
use crate::tables::{Account, Policy};

pub async fn delete_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeletePolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let arn = input.policy_arn.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let policy = managed::expect_customer(tx, account, &arn)?;
            let managed = Managed::Customer(policy);
            if managed.attachments(tx, account) + managed.boundaries(tx, account) > 0 {
                return Err(conflict("Cannot delete a policy attached to entities."));
            }
            if policy.versions.len() > 1 {
                return Err(conflict(
                    "This policy has more than one version. Before you delete a policy, you must \
                     delete the policy's versions. The default version is deleted with the policy.",
                ));
            }
            let key = policy.key();
            tx.delete::<Policy>(&key);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

//! UpdateAssumeRolePolicy: another trust policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Identity;
use crate::tables::{Account, Role};
use crate::{documents, holder, trust};

pub async fn update_assume_role_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateAssumeRolePolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let policy = documents::trust(input.policy_document)?;
    identity
        .cell
        .write(move |tx| {
            let policy = trust::bound(tx, account, &policy)?;
            holder::change::<Role>(tx, account, &name, |role| {
                role.trust = policy;
                Ok(())
            })
        })
        .await?;
    Ok(Unit {})
}

//! DeleteGroupPolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn delete_group_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteGroupPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| inline::delete::<Group>(tx, account, &name, &policy_name))
        .await?;
    Ok(Unit {})
}

//! DeleteRolePolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, Role};

pub async fn delete_role_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteRolePolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    identity.cell.write(move |tx| inline::delete::<Role>(tx, account, &name, &policy_name)).await?;
    Ok(Unit {})
}

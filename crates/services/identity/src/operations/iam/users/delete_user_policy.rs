//! DeleteUserPolicy: an inline policy.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::holder::inline;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn delete_user_policy(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteUserPolicyRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let policy_name = input.policy_name.unwrap_or_default();
    identity.cell.write(move |tx| inline::delete::<User>(tx, account, &name, &policy_name)).await?;
    Ok(Unit {})
}

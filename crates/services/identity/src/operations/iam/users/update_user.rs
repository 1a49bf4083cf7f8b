//! UpdateUser: another name, another path.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, User};

pub async fn update_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateUserRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let (new_name, new_path) = (input.new_user_name, input.new_path);
    identity
        .cell
        .write(move |tx| entity::rename::<User>(tx, account, &name, new_name, new_path))
        .await?;
    Ok(Unit {})
}

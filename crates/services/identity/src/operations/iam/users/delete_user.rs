//! DeleteUser: only of one that holds nothing and is in no group.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::entity;
use crate::holder::{conflict, holds_nothing};
use crate::service::Identity;
use crate::tables::{AccessKey, Account, User};

pub async fn delete_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteUserRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let user = entity::find::<User>(tx, account, &name)?;
            if !user.groups.is_empty() {
                return Err(conflict("Cannot delete entity, must remove users from group first."));
            }
            if tx.table::<AccessKey>().indexes().by_user.contains(&user.key()) {
                return Err(conflict("Cannot delete entity, must delete access keys first."));
            }
            holds_nothing(user)?;
            let key = user.key();
            tx.delete::<User>(&key);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

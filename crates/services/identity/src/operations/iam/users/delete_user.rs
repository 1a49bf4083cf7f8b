//! DeleteUser: only of one that holds nothing any more.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, User};

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
            let key = entity::find::<User>(tx, account, &name)?.key();
            tx.delete::<User>(&key);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(Unit {})
}

//! DeleteGroup: only of one that holds nothing and has nobody in it.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::entity;
use crate::holder::{conflict, holds_nothing};
use crate::service::Identity;
use crate::tables::{Account, Group, User};

pub async fn delete_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteGroupRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let group = entity::find::<Group>(tx, account, &name)?;
            let key = group.key();
            if tx.table::<User>().indexes().by_group.contains(&key) {
                return Err(conflict("Cannot delete entity, must remove users from group first."));
            }
            holds_nothing(group)?;
            tx.delete::<Group>(&key);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

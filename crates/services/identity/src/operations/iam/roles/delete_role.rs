//! DeleteRole: only of one that holds nothing and is in no instance profile.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::entity;
use crate::holder::{Holder, conflict, holds_nothing};
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile, LastUse, Role};

pub async fn delete_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteRoleRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let role = entity::find::<Role>(tx, account, &name)?;
            role.is_ours()?;
            let key = role.key();
            if tx.table::<InstanceProfile>().indexes().by_role.contains(&key) {
                return Err(conflict(
                    "Cannot delete entity, must remove roles from instance profile first.",
                ));
            }
            holds_nothing(role)?;
            tx.delete::<LastUse>(&key.1.to_string());
            tx.delete::<Role>(&key);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

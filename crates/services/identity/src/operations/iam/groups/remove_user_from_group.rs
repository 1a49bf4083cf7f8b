//! RemoveUserFromGroup.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, Group, User};

pub async fn remove_user_from_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::RemoveUserFromGroupRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let (group, user) = (input.group_name.unwrap_or_default(), input.user_name.unwrap_or_default());
    identity
        .cell
        .write(move |tx| {
            let group = &entity::find::<Group>(tx, account, &group)?.about;
            let mut user = entity::find::<User>(tx, account, &user)?.clone();
            if !user.groups.remove(&group.id) {
                let (user, group) = (&user.about.name, &group.name);
                return Err(api::Error::no_such_entity(format!(
                    "The user with name {user} is not in the group with name {group}."
                )));
            }
            tx.put(user);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

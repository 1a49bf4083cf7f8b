//! AddUserToGroup: adding one who is in it changes nothing.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, Group, User};

pub async fn add_user_to_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::AddUserToGroupRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let (group, user) = (input.group_name.unwrap_or_default(), input.user_name.unwrap_or_default());
    identity
        .cell
        .write(move |tx| {
            let group = entity::find::<Group>(tx, account, &group)?.about.id.clone();
            let mut user = entity::find::<User>(tx, account, &user)?.clone();
            user.groups.insert(group);
            if user.groups.len() > GROUPS_PER_USER {
                return Err(entity::exceeded("GroupsPerUser", GROUPS_PER_USER));
            }
            tx.put(user);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

/// AWS: its default quota.
pub const GROUPS_PER_USER: usize = 10;

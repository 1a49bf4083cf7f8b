//! RemoveRoleFromInstanceProfile.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile, Role};

pub async fn remove_role_from_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::RemoveRoleFromInstanceProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let profile = input.instance_profile_name.unwrap_or_default();
    let role = input.role_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut profile = entity::find::<InstanceProfile>(tx, account, &profile)?.clone();
            let role = &entity::find::<Role>(tx, account, &role)?.about;
            if profile.role.as_ref() != Some(&role.id) {
                return Err(api::Error::no_such_entity(format!(
                    "Role {} is not in instance profile {}.",
                    role.name, profile.about.name
                )));
            }
            profile.role = None;
            tx.put(profile);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

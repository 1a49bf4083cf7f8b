//! AddRoleToInstanceProfile.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::holder::Holder;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile, Role};

pub async fn add_role_to_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::AddRoleToInstanceProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let profile = input.instance_profile_name.unwrap_or_default();
    let role = input.role_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let mut profile = entity::find::<InstanceProfile>(tx, account, &profile)?.clone();
            let role = entity::find::<Role>(tx, account, &role)?;
            role.is_ours()?;
            if profile.role.is_some() {
                return Err(entity::exceeded("InstanceSessionsPerInstanceProfile", 1));
            }
            profile.role = Some(role.about.id.clone());
            tx.put(profile);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

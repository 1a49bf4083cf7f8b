//! DeleteInstanceProfile: only of one without a role.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::entity;
use crate::holder::conflict;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};

pub async fn delete_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::DeleteInstanceProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    identity
        .cell
        .write(move |tx| {
            let profile = entity::find::<InstanceProfile>(tx, account, &name)?;
            if profile.role.is_some() {
                return Err(conflict(
                    "Cannot delete entity, must remove roles from instance profile first.",
                ));
            }
            let key = profile.key();
            tx.delete::<InstanceProfile>(&key);
            Ok(())
        })
        .await?;
    Ok(Unit {})
}

//! UntagInstanceProfile.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity::tags;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};

pub async fn untag_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::UntagInstanceProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    let keys = input.tag_keys.unwrap_or_default();
    identity
        .cell
        .write(move |tx| tags::remove::<InstanceProfile>(tx, account, &name, &keys))
        .await?;
    Ok(Unit {})
}

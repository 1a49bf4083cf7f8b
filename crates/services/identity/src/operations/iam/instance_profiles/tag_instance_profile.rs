//! TagInstanceProfile.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity::tags;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};

pub async fn tag_instance_profile(
    identity: Arc<Identity>,
    call: Call,
    input: api::TagInstanceProfileRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    let tags = input.tags;
    identity.cell.write(move |tx| tags::add::<InstanceProfile>(tx, account, &name, tags)).await?;
    Ok(Unit {})
}

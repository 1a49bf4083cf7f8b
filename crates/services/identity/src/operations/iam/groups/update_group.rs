//! UpdateGroup: another name, another path.

use std::sync::Arc;

use berth_aws_api::Unit;
use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::entity;
use crate::service::Identity;
use crate::tables::{Account, Group};

pub async fn update_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::UpdateGroupRequest,
) -> Result<Unit, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let (new_name, new_path) = (input.new_group_name, input.new_path);
    identity
        .cell
        .write(move |tx| entity::rename::<Group>(tx, account, &name, new_name, new_path))
        .await?;
    Ok(Unit {})
}

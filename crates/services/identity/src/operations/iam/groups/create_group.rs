//! CreateGroup.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::service::Identity;
use crate::tables::{Account, Group, Permissions};
use crate::{entity, render};

pub async fn create_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::CreateGroupRequest,
) -> Result<api::CreateGroupResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let about =
        entity::about::<Group>(&identity.env, account, name, input.path, Tags::new(), call.now);
    let group = Group { about, permissions: Permissions::default() };
    let made = render::group(&group);
    identity.cell.write(move |tx| entity::create(tx, group)).await?;
    Ok(api::CreateGroupResponse { group: Some(made) })
}

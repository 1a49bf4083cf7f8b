//! ListInstanceProfilesForRole.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile, Role};
use crate::{entity, render};

pub async fn list_instance_profiles_for_role(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListInstanceProfilesForRoleRequest,
) -> Result<api::ListInstanceProfilesForRoleResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let paging = paging("ListInstanceProfilesForRole", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let role = entity::find::<Role>(&view, account, &name)?.key();
    let profiles = view.table::<InstanceProfile>().indexes().by_role.get(&role);
    let page = paging.cut(entity::of::<InstanceProfile>(&view, profiles));
    let render = |profile| render::instance_profile_briefly(&view, profile);
    Ok(api::ListInstanceProfilesForRoleResponse {
        instance_profiles: Some(page.items.into_iter().map(render).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

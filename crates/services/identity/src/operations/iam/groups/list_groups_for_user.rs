//! ListGroupsForUser.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group, User};
use crate::{entity, render};

pub async fn list_groups_for_user(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListGroupsForUserRequest,
) -> Result<api::ListGroupsForUserResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let paging = paging("ListGroupsForUser", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let user = entity::find::<User>(&view, account, &name)?;
    let keys: Vec<_> = user.groups.iter().map(|group| (account, group.clone())).collect();
    let page = paging.cut(entity::of::<Group>(&view, keys.iter()));
    Ok(api::ListGroupsForUserResponse {
        groups: Some(page.items.into_iter().map(render::group).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

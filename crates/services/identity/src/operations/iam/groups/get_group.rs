//! GetGroup: a group, and who is in it.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::Record;

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group, User};
use crate::{entity, render};

pub async fn get_group(
    identity: Arc<Identity>,
    call: Call,
    input: api::GetGroupRequest,
) -> Result<api::GetGroupResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.group_name.unwrap_or_default();
    let paging = paging("GetGroup", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let group = entity::find::<Group>(&view, account, &name)?;
    let members = view.table::<User>().indexes().by_group.get(&group.key());
    let page = paging.cut(entity::of::<User>(&view, members));
    Ok(api::GetGroupResponse {
        group: Some(render::group(group)),
        users: Some(page.items.into_iter().map(render::user_briefly).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

//! ListGroups: by path.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Group};
use crate::{entity, render};

pub async fn list_groups(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListGroupsRequest,
) -> Result<api::ListGroupsResponse, Failure<api::Error>> {
    let prefix = input.path_prefix.unwrap_or_default();
    let paging = paging("ListGroups", &prefix, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let found = entity::all::<Group>(&view, Account::of(&call.scope))
        .filter(|(_, found)| found.about.path.starts_with(&prefix));
    let page = paging.cut(found);
    Ok(api::ListGroupsResponse {
        groups: Some(page.items.into_iter().map(render::group).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

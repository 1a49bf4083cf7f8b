//! ListUsers: by path.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, User};
use crate::{entity, render};

pub async fn list_users(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListUsersRequest,
) -> Result<api::ListUsersResponse, Failure<api::Error>> {
    let prefix = input.path_prefix.unwrap_or_default();
    let paging = paging("ListUsers", &prefix, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let found = entity::all::<User>(&view, Account::of(&call.scope))
        .filter(|(_, found)| found.about.path.starts_with(&prefix));
    let page = paging.cut(found);
    Ok(api::ListUsersResponse {
        users: Some(page.items.into_iter().map(render::user_briefly).collect()),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

//! ListRoleTags.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, Role};
use crate::{entity, tagging};

pub async fn list_role_tags(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListRoleTagsRequest,
) -> Result<api::ListRoleTagsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.role_name.unwrap_or_default();
    let paging = paging("ListRoleTags", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let role = entity::find::<Role>(&view, account, &name)?;
    let page = paging.cut(tagging::listed(&role.about.tags));
    Ok(api::ListRoleTagsResponse {
        tags: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

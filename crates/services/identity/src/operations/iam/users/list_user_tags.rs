//! ListUserTags.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, User};
use crate::{entity, tagging};

pub async fn list_user_tags(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListUserTagsRequest,
) -> Result<api::ListUserTagsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.user_name.unwrap_or_default();
    let paging = paging("ListUserTags", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let user = entity::find::<User>(&view, account, &name)?;
    let page = paging.cut(tagging::listed(&user.about.tags));
    Ok(api::ListUserTagsResponse {
        tags: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

//! ListInstanceProfileTags.

use std::sync::Arc;

use berth_aws_api::iam as api;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Identity;
use crate::tables::{Account, InstanceProfile};
use crate::{entity, tagging};

pub async fn list_instance_profile_tags(
    identity: Arc<Identity>,
    call: Call,
    input: api::ListInstanceProfileTagsRequest,
) -> Result<api::ListInstanceProfileTagsResponse, Failure<api::Error>> {
    let account = Account::of(&call.scope);
    let name = input.instance_profile_name.unwrap_or_default();
    let paging = paging("ListInstanceProfileTags", &name, input.max_items, input.marker)?;
    let view = identity.cell.snapshot();
    let instance_profile = entity::find::<InstanceProfile>(&view, account, &name)?;
    let page = paging.cut(tagging::listed(&instance_profile.about.tags));
    Ok(api::ListInstanceProfileTagsResponse {
        tags: Some(page.items),
        is_truncated: Some(page.next.is_some()),
        marker: page.next,
    })
}

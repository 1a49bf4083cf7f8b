//! ListResourceTags.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::{page, tagging};
use crate::keys::find;
use crate::service::Secrets;

pub async fn list_resource_tags(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListResourceTagsRequest,
) -> Result<api::ListResourceTagsResponse, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let key = find(&view, &call.scope, &input.key_id.unwrap_or_default())?;
    let paging = page::of("ListResourceTags", &key.id, input.limit, input.marker)?;
    let page = paging
        .cut(key.tags.iter().map(|(name, value)| (name.clone(), tagging::render(name, value))));
    Ok(api::ListResourceTagsResponse {
        tags: Some(page.items),
        truncated: Some(page.next.is_some()),
        next_marker: page.next,
    })
}

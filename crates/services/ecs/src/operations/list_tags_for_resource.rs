//! ListTagsForResource: the tags of one resource.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::tagged_resource::TaggedResource;
use crate::identity::not_yours;
use crate::render;
use crate::service::Ecs;

pub async fn list_tags_for_resource(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let given = input.resource_arn.as_deref().unwrap_or_default();
    let resource = TaggedResource::find(&view, &call.scope, given);
    // AWS: this operation has no ResourceNotFoundException.
    let resource = resource.map_err(|error| match error {
        api::Error::ResourceNotFoundException(body) => {
            api::Error::invalid_parameter(body.message.unwrap_or_default())
        }
        other => other,
    })?;
    if !resource.may_be_read_by(&view, &call) {
        return Err(not_yours(&call, "ListTagsForResource", given).into());
    }
    Ok(api::ListTagsForResourceResponse { tags: Some(render::tags(resource.tags())) })
}

//! UntagResource: takes tags away by their keys.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::tagged_resource::TaggedResource;
use crate::service::Ecs;
use crate::tagging;

pub async fn untag_resource(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, Failure<api::Error>> {
    let (arn, keys) = (input.resource_arn.unwrap_or_default(), input.tag_keys.unwrap_or_default());
    ecs.cell
        .write(move |tx| {
            let resource = TaggedResource::find(tx, &call.scope, &arn)?;
            let tags = tagging::without_tags(resource.tags(), &keys)?;
            resource.put(tx, tags);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::UntagResourceResponse {})
}

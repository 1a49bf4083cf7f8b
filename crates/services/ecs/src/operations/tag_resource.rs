//! TagResource: adds tags; known keys get their new values.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::tagged_resource::TaggedResource;
use crate::service::Ecs;
use crate::tagging;

pub async fn tag_resource(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::TagResourceRequest,
) -> Result<api::TagResourceResponse, Failure<api::Error>> {
    let (arn, added) = (input.resource_arn.unwrap_or_default(), input.tags.unwrap_or_default());
    ecs.cell
        .write(move |tx| {
            let resource = TaggedResource::find(tx, &call.scope, &arn)?;
            let tags = tagging::with_tags(resource.tags(), added)?;
            resource.put(tx, tags);
            Ok::<_, api::Error>(())
        })
        .await?;
    Ok(api::TagResourceResponse {})
}

//! ListTagsForResource: the tags of a certificate.

use std::sync::Arc;

use berth_aws_api::acm as api;
use berth_control::pipeline::{Call, Failure};

use crate::certificates::{find, tagging};
use crate::service::Balancing;

pub async fn list_tags_for_resource(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let row = find::certificate(&view, &call.scope, input.resource_arn.as_deref())?;
    Ok(api::ListTagsForResourceResponse { tags: Some(tagging::render(&row.tags)) })
}

//! ListTagsForResource: of a parameter.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::tagging;
use crate::service::Secrets;

pub async fn list_tags_for_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResult, Failure<api::Error>> {
    let view = secrets.cell.snapshot();
    let id = input.resource_id.unwrap_or_default();
    let parameter = tagging::tagged(&view, &call.scope, &input.resource_type, &id)?;
    Ok(api::ListTagsForResourceResult { tag_list: Some(tagging::render(&parameter.tags)) })
}

//! AddTagsToResource: to a parameter.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::tagging;
use crate::service::Secrets;

pub async fn add_tags_to_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::AddTagsToResourceRequest,
) -> Result<api::AddTagsToResourceResult, Failure<api::Error>> {
    let id = input.resource_id.unwrap_or_default();
    let add = secrets.cell.write(move |tx| {
        let found = tagging::tagged(tx, &call.scope, &input.resource_type, &id)?;
        let mut parameter = found.clone();
        parameter.tags = tagging::add(&parameter.tags, input.tags)?;
        tx.put(parameter);
        Ok::<_, Failure<api::Error>>(())
    });
    add.await?;
    Ok(api::AddTagsToResourceResult {})
}

//! RemoveTagsFromResource: keys that are not there do no harm.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::parameters::tagging;
use crate::service::Secrets;

pub async fn remove_tags_from_resource(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::RemoveTagsFromResourceRequest,
) -> Result<api::RemoveTagsFromResourceResult, Failure<api::Error>> {
    let id = input.resource_id.unwrap_or_default();
    let remove = secrets.cell.write(move |tx| {
        let found = tagging::tagged(tx, &call.scope, &input.resource_type, &id)?;
        let mut parameter = found.clone();
        for key in input.tag_keys.iter().flatten() {
            parameter.tags.remove(key);
        }
        tx.put(parameter);
        Ok::<_, api::Error>(())
    });
    remove.await?;
    Ok(api::RemoveTagsFromResourceResult {})
}

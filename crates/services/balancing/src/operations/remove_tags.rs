//! RemoveTags: from all that are named, or from none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::service::Balancing;
use crate::tagging;

pub async fn remove_tags(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RemoveTagsInput,
) -> Result<api::RemoveTagsOutput, Failure<api::Error>> {
    let (arns, keys) =
        (input.resource_arns.unwrap_or_default(), input.tag_keys.unwrap_or_default());
    let remove = move |tx: &mut Transaction| {
        for arn in &arns {
            tagging::change(tx, &call.scope, arn, |existing| {
                let left = existing.iter().filter(|(key, _)| !keys.contains(key));
                let left = left.map(|(key, value)| (key.clone(), value.clone()));
                Ok(left.collect::<Tags>())
            })?;
        }
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(remove).await?;
    Ok(api::RemoveTagsOutput::default())
}

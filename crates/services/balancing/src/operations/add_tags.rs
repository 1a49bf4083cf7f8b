//! AddTags: to all that are named, or to none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::tagging;

pub async fn add_tags(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::AddTagsInput,
) -> Result<api::AddTagsOutput, Failure<api::Error>> {
    let (arns, tags) = (input.resource_arns.unwrap_or_default(), input.tags);
    let add = move |tx: &mut Transaction| {
        for arn in &arns {
            tagging::change(tx, &call.scope, arn, |existing| tagging::add(existing, tags.clone()))?;
        }
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(add).await?;
    Ok(api::AddTagsOutput::default())
}

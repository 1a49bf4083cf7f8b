//! DescribeTags: of up to twenty.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::tagging;

const MOST: usize = 20;

pub async fn describe_tags(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTagsInput,
) -> Result<api::DescribeTagsOutput, Failure<api::Error>> {
    let arns = input.resource_arns.unwrap_or_default();
    if arns.len() > MOST {
        return Err(api::Error::validation(format!(
            "You can describe the tags of at most '{MOST}' resources at once"
        ))
        .into());
    }
    let view = balancing.cell.snapshot();
    let mut described = Vec::new();
    for arn in arns {
        let tags = tagging::of(&view, &call.scope, &arn)?;
        described.push(api::TagDescription {
            resource_arn: Some(arn),
            tags: Some(tagging::render(&tags)),
        });
    }
    Ok(api::DescribeTagsOutput { tag_descriptions: Some(described) })
}

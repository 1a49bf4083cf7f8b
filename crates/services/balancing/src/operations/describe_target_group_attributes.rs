//! DescribeTargetGroupAttributes.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::{attributes, find};

pub async fn describe_target_group_attributes(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTargetGroupAttributesInput,
) -> Result<api::DescribeTargetGroupAttributesOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.target_group_arn.unwrap_or_default();
    let found = find::target_group(&view, &call.scope, &arn)?;
    let known = attributes::target_group::of(found);
    let shown = known.all(&found.attributes);
    let shown = shown.map(|(key, value)| api::TargetGroupAttribute { key, value });
    Ok(api::DescribeTargetGroupAttributesOutput { attributes: Some(shown.collect()) })
}

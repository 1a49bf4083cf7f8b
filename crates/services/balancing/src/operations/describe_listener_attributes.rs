//! DescribeListenerAttributes.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::{attributes, find};

pub async fn describe_listener_attributes(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeListenerAttributesInput,
) -> Result<api::DescribeListenerAttributesOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.listener_arn.unwrap_or_default();
    let found = find::listener(&view, &call.scope, &arn)?;
    let known = attributes::listener::of(found);
    let shown = known.all(&found.attributes);
    let shown = shown.map(|(key, value)| api::ListenerAttribute { key, value });
    Ok(api::DescribeListenerAttributesOutput { attributes: Some(shown.collect()) })
}

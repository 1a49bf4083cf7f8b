//! DescribeLoadBalancerAttributes.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::{attributes, find};

pub async fn describe_load_balancer_attributes(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeLoadBalancerAttributesInput,
) -> Result<api::DescribeLoadBalancerAttributesOutput, Failure<api::Error>> {
    let view = balancing.cell.snapshot();
    let arn = input.load_balancer_arn.unwrap_or_default();
    let found = find::load_balancer(&view, &call.scope, &arn)?;
    let known = attributes::load_balancer::of(found.name.kind);
    let shown = known.all(&found.attributes);
    let shown = shown.map(|(key, value)| api::LoadBalancerAttribute { key, value });
    Ok(api::DescribeLoadBalancerAttributesOutput { attributes: Some(shown.collect()) })
}

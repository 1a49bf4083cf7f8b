//! DescribeVpcAttribute: one of the things that DescribeVpcs does not tell.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, Vpc};
use crate::select::{Resource, would_succeed};
use crate::service::Compute;

pub async fn describe_vpc_attribute(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeVpcAttributeRequest,
) -> Result<api::DescribeVpcAttributeResult, Failure<api::Error>> {
    would_succeed(input.dry_run)?;
    let (vpc, id) = (Network::of(&call.scope).vpc, input.vpc_id.unwrap_or_default());
    Vpc::IDS.check(&id)?;
    if id != vpc.id {
        return Err(Vpc::IDS.missing(&id).into());
    }
    let is = |value| Some(api::AttributeBooleanValue { value: Some(value) });
    let mut shown = api::DescribeVpcAttributeResult { vpc_id: Some(id), ..Default::default() };
    // AWS: a default VPC has names for its hosts, others have to ask for them.
    match input.attribute {
        Some(api::VpcAttributeName::EnableDnsHostnames) => shown.enable_dns_hostnames = is(true),
        Some(api::VpcAttributeName::EnableDnsSupport) => shown.enable_dns_support = is(true),
        Some(api::VpcAttributeName::EnableNetworkAddressUsageMetrics) => {
            shown.enable_network_address_usage_metrics = is(false);
        }
        Some(api::VpcAttributeName::Unknown(_)) | None => {
            let message = "The request must contain the parameter attribute";
            return Err(api::Error::missing_parameter(message).into());
        }
    }
    Ok(shown)
}

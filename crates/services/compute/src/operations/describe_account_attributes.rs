//! DescribeAccountAttributes: what kind of network the account has, and how much it may have of what.
//!
//! DEVIATES: instances and elastic addresses cannot be had, so their limits are 0.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::Network;
use crate::select::would_succeed;
use crate::service::Compute;

pub async fn describe_account_attributes(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeAccountAttributesRequest,
) -> Result<api::DescribeAccountAttributesResult, Failure<api::Error>> {
    would_succeed(input.dry_run)?;
    let all = [
        ("vpc-max-security-groups-per-interface", "5".to_owned()),
        ("max-instances", "0".to_owned()),
        ("supported-platforms", "VPC".to_owned()),
        ("default-vpc", Network::of(&call.scope).vpc.id),
        ("max-elastic-ips", "0".to_owned()),
        ("vpc-max-elastic-ips", "0".to_owned()),
    ];
    let asked = input.attribute_names.unwrap_or_default();
    let is_asked =
        |name: &str| asked.is_empty() || asked.iter().any(|asked| asked.as_str() == name);
    let shown = |(name, value): (&str, String)| api::AccountAttribute {
        attribute_name: Some(name.to_owned()),
        attribute_values: Some(vec![api::AccountAttributeValue { attribute_value: Some(value) }]),
    };
    let attributes = all.into_iter().filter(|(name, _)| is_asked(name)).map(shown);
    Ok(api::DescribeAccountAttributesResult { account_attributes: Some(attributes.collect()) })
}

//! DescribeSSLPolicies: all of them, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_aws_protocol::page::InvalidToken;
use berth_control::pipeline::{Call, Failure};

use crate::paging::paging;
use crate::service::Balancing;
use crate::ssl_policies::{self, POLICIES, Policy};

pub async fn describe_ssl_policies(
    _: Arc<Balancing>,
    _: Call,
    input: api::DescribeSSLPoliciesInput,
) -> Result<api::DescribeSSLPoliciesOutput, Failure<api::Error>> {
    let names = input.names.unwrap_or_default();
    let of = input.load_balancer_type;
    let paging = paging("DescribeSSLPolicies", &(&names, &of), input.page_size, input.marker)?;
    let mut found: Vec<&Policy> = Vec::new();
    for name in &names {
        found.push(ssl_policies::find(name).ok_or_else(|| {
            api::Error::ssl_policy_not_found(format!("SSL policy '{name}' not found"))
        })?);
    }
    if names.is_empty() {
        found.extend(POLICIES);
    }
    // Every one of them is for both kinds; gateways end no TLS.
    if of == Some(api::LoadBalancerTypeEnum::Gateway) {
        found.clear();
    }
    let page = paging
        .cut_numbered(found.len(), |number| shown(found[number]))
        .map_err(|InvalidToken| api::Error::validation("The specified marker is invalid"))?;
    Ok(api::DescribeSSLPoliciesOutput { ssl_policies: Some(page.items), next_marker: page.next })
}

fn shown(policy: &Policy) -> api::SslPolicy {
    let cipher = |(priority, name): (i32, &str)| api::Cipher {
        name: Some(name.to_owned()),
        priority: Some(priority),
    };
    let types = ["application", "network"].map(str::to_owned).to_vec();
    api::SslPolicy {
        ssl_protocols: Some(policy.protocols.iter().map(|name| (*name).to_owned()).collect()),
        ciphers: Some((1..).zip(policy.ciphers()).map(cipher).collect()),
        name: Some(policy.name.to_owned()),
        supported_load_balancer_types: Some(types),
    }
}

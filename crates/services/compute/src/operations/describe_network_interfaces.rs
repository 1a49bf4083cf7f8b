//! DescribeNetworkInterfaces: there are none.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::NetworkInterface;
use crate::select::Question;
use crate::service::Compute;

/// With those of services, or without: there are no others, either (`include_managed_resources`).
pub async fn describe_network_interfaces(
    _: Arc<Compute>,
    _: Call,
    input: api::DescribeNetworkInterfacesRequest,
) -> Result<api::DescribeNetworkInterfacesResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeNetworkInterfaces",
        ids: input.network_interface_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(Vec::<NetworkInterface>::new())?;
    Ok(api::DescribeNetworkInterfacesResult {
        network_interfaces: Some(page.items.into_iter().map(NetworkInterface::shown).collect()),
        next_token: page.next,
    })
}

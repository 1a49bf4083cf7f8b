//! DescribeInternetGateways: the default VPC's.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{InternetGateway, Network};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_internet_gateways(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeInternetGatewaysRequest,
) -> Result<api::DescribeInternetGatewaysResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeInternetGateways",
        ids: input.internet_gateway_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(vec![Network::of(&call.scope).internet_gateway])?;
    Ok(api::DescribeInternetGatewaysResult {
        internet_gateways: Some(page.items.into_iter().map(InternetGateway::shown).collect()),
        next_token: page.next,
    })
}

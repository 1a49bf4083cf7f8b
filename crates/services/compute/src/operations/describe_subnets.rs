//! DescribeSubnets: one for each availability zone.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, Subnet};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_subnets(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeSubnetsRequest,
) -> Result<api::DescribeSubnetsResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeSubnets",
        ids: input.subnet_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(Network::of(&call.scope).subnets)?;
    Ok(api::DescribeSubnetsResult {
        subnets: Some(page.items.into_iter().map(Subnet::shown).collect()),
        next_token: page.next,
    })
}

//! DescribeVpcs: the default VPC.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, Vpc};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_vpcs(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeVpcsRequest,
) -> Result<api::DescribeVpcsResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeVpcs",
        ids: input.vpc_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(vec![Network::of(&call.scope).vpc])?;
    Ok(api::DescribeVpcsResult {
        vpcs: Some(page.items.into_iter().map(Vpc::shown).collect()),
        next_token: page.next,
    })
}

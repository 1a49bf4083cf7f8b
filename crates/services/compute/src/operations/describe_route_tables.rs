//! DescribeRouteTables: the default VPC's.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, RouteTable};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_route_tables(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeRouteTablesRequest,
) -> Result<api::DescribeRouteTablesResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeRouteTables",
        ids: input.route_table_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(vec![Network::of(&call.scope).route_table])?;
    Ok(api::DescribeRouteTablesResult {
        route_tables: Some(page.items.into_iter().map(RouteTable::shown).collect()),
        next_token: page.next,
    })
}

//! DescribeNetworkAcls: the default VPC's.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, NetworkAcl};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_network_acls(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeNetworkAclsRequest,
) -> Result<api::DescribeNetworkAclsResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeNetworkAcls",
        ids: input.network_acl_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(vec![Network::of(&call.scope).network_acl])?;
    Ok(api::DescribeNetworkAclsResult {
        network_acls: Some(page.items.into_iter().map(NetworkAcl::shown).collect()),
        next_token: page.next,
    })
}

//! DescribeSecurityGroups: the default VPC's, by id or by name.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, SecurityGroup};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_security_groups(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeSecurityGroupsRequest,
) -> Result<api::DescribeSecurityGroupsResult, Failure<api::Error>> {
    let group = Network::of(&call.scope).security_group;
    for name in input.group_names.iter().flatten() {
        if *name != group.name {
            let vpc = &group.vpc;
            return Err(api::Error::invalid_group_not_found(format!(
                "The security group '{name}' does not exist in default VPC '{vpc}'"
            ))
            .into());
        }
    }
    let question = Question {
        operation: "DescribeSecurityGroups",
        ids: input.group_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(vec![group])?;
    Ok(api::DescribeSecurityGroupsResult {
        security_groups: Some(page.items.into_iter().map(SecurityGroup::shown).collect()),
        next_token: page.next,
    })
}

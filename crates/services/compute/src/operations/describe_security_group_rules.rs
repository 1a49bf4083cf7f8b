//! DescribeSecurityGroupRules: each rule by itself.

use std::sync::Arc;

use berth_aws_api::ec2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::network::{Network, SecurityGroupRule};
use crate::select::Question;
use crate::service::Compute;

pub async fn describe_security_group_rules(
    _: Arc<Compute>,
    call: Call,
    input: api::DescribeSecurityGroupRulesRequest,
) -> Result<api::DescribeSecurityGroupRulesResult, Failure<api::Error>> {
    let question = Question {
        operation: "DescribeSecurityGroupRules",
        ids: input.security_group_rule_ids,
        filters: input.filters,
        max_results: input.max_results,
        next_token: input.next_token,
        dry_run: input.dry_run,
    };
    let page = question.of(Network::of(&call.scope).security_group.rules)?;
    Ok(api::DescribeSecurityGroupRulesResult {
        security_group_rules: Some(page.items.into_iter().map(SecurityGroupRule::shown).collect()),
        next_token: page.next,
    })
}

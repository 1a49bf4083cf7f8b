//! DescribeTargetGroups: all of a region, those of a balancer, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::paging::paging;
use crate::service::Balancing;
use crate::tables::TargetGroup;
use crate::target_groups::render;

pub async fn describe_target_groups(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTargetGroupsInput,
) -> Result<api::DescribeTargetGroupsOutput, Failure<api::Error>> {
    let arns = input.target_group_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    let balancer = input.load_balancer_arn;
    let bound = (&balancer, &arns, &names);
    let paging = paging("DescribeTargetGroups", &bound, input.page_size, input.marker)?;
    let ways = [balancer.is_some(), !arns.is_empty(), !names.is_empty()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(api::Error::validation(
            "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time",
        )
        .into());
    }
    let view = balancing.cell.snapshot();
    let table = view.table::<TargetGroup>();
    let index = &table.indexes().names;
    let mut found: Vec<&TargetGroup> = Vec::new();
    for arn in &arns {
        found.push(find::target_group(&view, &call.scope, arn)?);
    }
    for name in &names {
        let group = index.find(&call.scope, name).and_then(|id| table.get(&id));
        found.push(group.ok_or_else(|| {
            api::Error::target_group_not_found(format!("Target groups '[{name}]' not found"))
        })?);
    }
    if let Some(arn) = &balancer {
        let balancer = find::load_balancer(&view, &call.scope, arn)?;
        for listener in find::listeners_of(&view, balancer.id()) {
            let of_rules =
                find::rules_of(&view, listener.id).flat_map(|rule| rule.actions.groups());
            let groups = listener.actions.groups().into_iter().chain(of_rules);
            found.extend(groups.filter_map(|id| table.get(&id)));
        }
    } else if arns.is_empty() && names.is_empty() {
        found.extend(index.within(&call.scope).filter_map(|id| table.get(&id)));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by_key(|group| group.id);
    let page = paging.cut(found.into_iter().map(|group| (group.name.clone(), group)));
    let shown = page.items.into_iter().map(|group| render::target_group(&view, group));
    Ok(api::DescribeTargetGroupsOutput {
        target_groups: Some(shown.collect()),
        next_marker: page.next,
    })
}

//! DescribeLoadBalancers: all of a region, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::load_balancers::render;
use crate::paging::paging;
use crate::service::Balancing;
use crate::tables::LoadBalancer;

pub async fn describe_load_balancers(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeLoadBalancersInput,
) -> Result<api::DescribeLoadBalancersOutput, Failure<api::Error>> {
    let arns = input.load_balancer_arns.unwrap_or_default();
    let names = input.names.unwrap_or_default();
    let paging = paging("DescribeLoadBalancers", &(&arns, &names), input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let table = view.table::<LoadBalancer>();
    let index = &table.indexes().names;
    let mut found: Vec<&LoadBalancer> = Vec::new();
    if arns.is_empty() && names.is_empty() {
        found.extend(index.within(&call.scope).filter_map(|id| table.get(&id)));
    } else if !arns.is_empty() && !names.is_empty() {
        return Err(api::Error::validation(
            "Load balancer names and load balancer ARNs cannot be specified at the same time",
        )
        .into());
    }
    for arn in &arns {
        found.push(find::load_balancer(&view, &call.scope, arn)?);
    }
    for name in &names {
        let balancer = index.find(&call.scope, name).and_then(|id| table.get(&id));
        found.push(balancer.ok_or_else(|| {
            api::Error::load_balancer_not_found(format!("Load balancers '[{name}]' not found"))
        })?);
    }
    found.sort_by(|one, other| one.name.name.cmp(&other.name.name));
    found.dedup_by_key(|balancer| balancer.id());
    let keyed = found.into_iter().map(|balancer| (balancer.name.name.clone(), balancer));
    let page = paging.cut(keyed);
    let shown = |balancer| render::load_balancer(&balancing, &view, balancer);
    let shown = page.items.into_iter().map(shown);
    Ok(api::DescribeLoadBalancersOutput {
        load_balancers: Some(shown.collect()),
        next_marker: page.next,
    })
}

//! DescribeListeners: those of a balancer, or those that are named.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::listeners::render;
use crate::paging::paging;
use crate::service::Balancing;

pub async fn describe_listeners(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeListenersInput,
) -> Result<api::DescribeListenersOutput, Failure<api::Error>> {
    let (balancer, arns) = (input.load_balancer_arn, input.listener_arns.unwrap_or_default());
    let paging = paging("DescribeListeners", &(&balancer, &arns), input.page_size, input.marker)?;
    let view = balancing.cell.snapshot();
    let mut found = Vec::new();
    match (&balancer, arns.is_empty()) {
        (Some(arn), true) => {
            let balancer = find::load_balancer(&view, &call.scope, arn)?;
            found.extend(find::listeners_of(&view, balancer.id()));
        }
        (None, false) => {
            for arn in &arns {
                found.push(find::listener(&view, &call.scope, arn)?);
            }
        }
        _ => {
            return Err(api::Error::validation(
                "You must specify either listener ARNs or a load balancer ARN",
            )
            .into());
        }
    }
    found.sort_by_key(|listener| listener.arn());
    found.dedup_by_key(|listener| listener.id);
    let page = paging.cut(found.into_iter().map(|listener| (listener.arn(), listener)));
    let shown = page.items.into_iter().map(|listener| render::listener(&view, listener));
    Ok(api::DescribeListenersOutput { listeners: Some(shown.collect()), next_marker: page.next })
}

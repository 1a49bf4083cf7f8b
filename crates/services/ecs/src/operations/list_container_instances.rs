//! ListContainerInstances: by status, and by an expression of the cluster query language.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ContainerInstanceId, ContainerInstanceStatus};
use berth_scheduler::Expression;

use crate::fleet;
use crate::paging::Paging;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ContainerInstance;

pub async fn list_container_instances(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::ListContainerInstancesRequest,
) -> Result<api::ListContainerInstancesResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let filter =
        input.filter.as_deref().filter(|filter| !filter.is_empty()).map(expression).transpose()?;
    let status = input.status.as_ref().map(api::ContainerInstanceStatus::as_str);
    let filters = (cluster.id, &input.filter, status);
    let paging = Paging::<ContainerInstanceId>::of(
        "ListContainerInstances",
        &filters,
        input.max_results,
        input.next_token,
    )?;

    let instances = view.table::<ContainerInstance>();
    let listed = instances
        .indexes()
        .by_cluster
        .get_after(&cluster.id, paging.after())
        .filter_map(|id| instances.get(id))
        // AWS: without a status, every one but INACTIVE.
        .filter(|found| match status {
            None => found.status != ContainerInstanceStatus::Inactive,
            Some(status) => found.status.as_str() == status,
        })
        .filter(|found| {
            filter.as_ref().is_none_or(|filter| filter.matches(&fleet::instance(&view, found)))
        })
        .map(|found| found.id);
    let page = paging.cut(listed);
    let arn = |id| {
        instances.get(&id).map(|found| render::container_instance_arn(&cluster, found).to_string())
    };
    Ok(api::ListContainerInstancesResponse {
        container_instance_arns: Some(page.items.into_iter().filter_map(arn).collect()),
        next_token: page.next_token,
    })
}

fn expression(text: &str) -> Result<Expression, api::Error> {
    text.parse().map_err(|error| {
        api::Error::invalid_parameter(format!("Invalid filter expression: {error}"))
    })
}

//! A task set as DescribeTaskSets and the operations that change it show it.

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{ContainerInstanceStatus, HealthStatus, TaskSetArn};

use super::service::{
    capacity_provider_strategy, launch_type, load_balancers, number, revision, task_definition,
};
use super::{cluster_arn, service_arn};
use crate::tables::{Cluster, ContainerInstance, Service, Task, TaskCounts, TaskSet};

pub fn task_set_arn(cluster: &Cluster, service: &Service, set: &TaskSet) -> TaskSetArn {
    TaskSetArn {
        scope: service.scope.clone(),
        cluster: cluster.name.clone(),
        service: service.name.clone(),
        id: set.id,
    }
}

pub fn task_set(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    set: &TaskSet,
    tags: bool,
) -> api::TaskSet {
    let counts = view.table::<Task>().indexes().deployment_counts(service.id, set.id);
    let desired = set.computed_desired_count(service.desired_count);
    let runs = revision(view, service, set.id);
    api::TaskSet {
        id: Some(set.id.to_string()),
        task_set_arn: Some(task_set_arn(cluster, service, set).to_string()),
        service_arn: Some(service_arn(cluster, service).to_string()),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        started_by: set.started_by.clone(),
        external_id: set.external_id.clone(),
        status: Some(set.progress.role.as_str().to_owned()),
        task_definition: runs.map(|runs| task_definition(service, runs)),
        computed_desired_count: Some(number(desired)),
        pending_count: Some(number(counts.pending)),
        running_count: Some(number(counts.running)),
        created_at: Some(set.created_at),
        updated_at: Some(set.updated_at),
        launch_type: runs.and_then(launch_type),
        capacity_provider_strategy: runs.and_then(capacity_provider_strategy),
        load_balancers: Some(runs.map_or_else(Vec::new, load_balancers)),
        service_registries: Some(Vec::new()),
        scale: Some(api::Scale { value: Some(set.scale), unit: Some(api::ScaleUnit::Percent) }),
        stability_status: Some(match is_steady(view, service, set, counts, desired) {
            true => api::StabilityStatus::SteadyState,
            false => api::StabilityStatus::Stabilizing,
        }),
        stability_status_at: Some(set.progress.updated_at),
        tags: Some(if tags { super::tags(&set.tags) } else { Vec::new() }),
        ..Default::default()
    }
}

/// AWS: as many tasks run as are wanted, none is on its way, none is unhealthy or on a draining instance.
fn is_steady(
    view: &impl View,
    service: &Service,
    set: &TaskSet,
    counts: TaskCounts,
    desired: u32,
) -> bool {
    let tasks = view.table::<Task>();
    let mut of_set = tasks
        .indexes()
        .by_service
        .get(&service.id)
        .filter_map(|id| tasks.get(id))
        .filter(|task| task.deployment == Some(set.id) && task.holds_resources());
    let is_draining = |task: &Task| {
        let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
        instance.is_some_and(|instance| instance.status == ContainerInstanceStatus::Draining)
    };
    counts.running == desired
        && counts.pending == 0
        && !of_set.any(|task| task.health == HealthStatus::Unhealthy || is_draining(task))
}

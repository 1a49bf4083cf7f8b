//! A service as DescribeServices and the operations that change it show it.

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_deployment::Role;
use berth_model::{ServiceArn, TaskDefinitionArn};

use super::{cluster_arn, service_deployment_arn, service_revision_arn};
use crate::tables::{
    Cluster, SERVICE_EVENTS_KEPT, Service, ServiceDeployment, ServiceEvent, ServiceRevision,
    Stored, TagSource, Task, TaskSet,
};

pub fn service_arn(cluster: &Cluster, service: &Service) -> ServiceArn {
    ServiceArn {
        scope: service.scope.clone(),
        cluster: service.long_arn.then(|| cluster.name.clone()),
        name: service.name.clone(),
    }
}

/// How many tasks a service wants and has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceCounts {
    pub desired: u32,
    pub running: u32,
    pub pending: u32,
}

pub fn service_counts(view: &impl View, service: &Service) -> ServiceCounts {
    let deployments = in_play(view, service);
    let sets: Vec<&TaskSet> = view.table::<TaskSet>().within(&service.id).collect();
    counts(view, service, &deployments, &sets)
}

/// `tags` are shown only where the caller asked for them.
pub fn service(view: &impl View, cluster: &Cluster, service: &Service, tags: bool) -> api::Service {
    let deployments = in_play(view, service);
    let sets: Vec<&TaskSet> = view.table::<TaskSet>().within(&service.id).collect();
    let primary = primary(&deployments);
    let counts = counts(view, service, &deployments, &sets);
    let shown = service.revision.and_then(|number| revision(view, service, number));
    api::Service {
        service_arn: Some(service_arn(cluster, service).to_string()),
        service_name: Some(service.name.to_string()),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        load_balancers: Some(shown.map_or_else(Vec::new, load_balancers)),
        service_registries: Some(Vec::new()),
        status: Some(service.status.as_str().to_owned()),
        desired_count: Some(number(counts.desired)),
        running_count: Some(number(counts.running)),
        pending_count: Some(number(counts.pending)),
        launch_type: shown.and_then(launch_type),
        capacity_provider_strategy: shown.and_then(capacity_provider_strategy),
        task_definition: shown.map(|shown| task_definition(service, shown)),
        deployment_configuration: Some((*service.deployment_configuration).clone()),
        task_sets: service.has_task_sets().then(|| {
            sets.iter().map(|set| super::task_set(view, cluster, service, set, tags)).collect()
        }),
        deployments: Some(
            deployments.iter().map(|row| deployment(view, service, row)).collect::<Vec<_>>(),
        ),
        events: Some(events(view, service)),
        created_at: Some(service.created_at),
        current_service_deployment: primary
            .map(|row| service_deployment_arn(cluster, service, row).to_string()),
        current_service_revisions: Some(
            deployments
                .iter()
                .map(|row| current_revision(view, cluster, service, row))
                .collect::<Vec<_>>(),
        )
        .filter(|revisions| !revisions.is_empty()),
        placement_constraints: Some(shapes(&service.placement_constraints)),
        placement_strategy: Some(shapes(&service.placement_strategy)),
        health_check_grace_period_seconds: service.health_check_grace_period_seconds.map(number),
        scheduling_strategy: Some(service.scheduling_strategy.as_str().into()),
        deployment_controller: Some(api::DeploymentController {
            r#type: Some(service.controller.as_str().into()),
        }),
        tags: tags.then(|| super::tags(&service.tags)),
        created_by: Some(service.created_by.clone()),
        enable_ecs_managed_tags: Some(service.managed_tags),
        propagate_tags: Some(match service.propagate_tags {
            TagSource::Nothing => api::PropagateTags::None,
            TagSource::TaskDefinition => api::PropagateTags::TaskDefinition,
            TagSource::Service => api::PropagateTags::Service,
        }),
        enable_execute_command: Some(service.enable_execute_command),
        availability_zone_rebalancing: Some(match service.zone_rebalancing {
            true => api::AvailabilityZoneRebalancing::Enabled,
            false => api::AvailabilityZoneRebalancing::Disabled,
        }),
        ..Default::default()
    }
}

/// AWS: the primary one first, then the newest first.
fn in_play<'v>(view: &'v impl View, service: &Service) -> Vec<&'v ServiceDeployment> {
    let table = view.table::<ServiceDeployment>();
    let newest_first = table.indexes().in_play.get(&service.id).rev();
    let mut rows: Vec<_> =
        newest_first.filter_map(|(_, number)| table.get(&(service.id, *number))).collect();
    rows.sort_by_key(|row| row.progress.role != Role::Primary);
    rows
}

fn primary<'v>(in_play: &[&'v ServiceDeployment]) -> Option<&'v ServiceDeployment> {
    in_play.first().copied().filter(|row| row.progress.role == Role::Primary)
}

fn counts(
    view: &impl View,
    service: &Service,
    deployments: &[&ServiceDeployment],
    sets: &[&TaskSet],
) -> ServiceCounts {
    let desired = match primary(deployments) {
        Some(primary) if service.is_daemon() => primary.progress.desired_count,
        _ => service.desired_count,
    };
    let numbers = deployments.iter().map(|row| row.number).chain(sets.iter().map(|set| set.id));
    let tasks = view.table::<Task>().indexes();
    let none = ServiceCounts { desired, running: 0, pending: 0 };
    numbers.fold(none, |sum, number| {
        let counts = tasks.deployment_counts(service.id, number);
        let (running, pending) = (sum.running + counts.running, sum.pending + counts.pending);
        ServiceCounts { running, pending, ..sum }
    })
}

fn deployment(view: &impl View, service: &Service, row: &ServiceDeployment) -> api::Deployment {
    let counts = view.table::<Task>().indexes().deployment_counts(service.id, row.number);
    let runs = revision(view, service, row.number);
    let progress = &row.progress;
    api::Deployment {
        id: Some(row.number.to_string()),
        status: Some(progress.role.as_str().to_owned()),
        task_definition: runs.map(|runs| task_definition(service, runs)),
        desired_count: Some(number(progress.desired_count)),
        pending_count: Some(number(counts.pending)),
        running_count: Some(number(counts.running)),
        failed_tasks: Some(number(progress.failed_tasks)),
        created_at: Some(row.created_at),
        updated_at: Some(progress.updated_at),
        capacity_provider_strategy: runs.and_then(capacity_provider_strategy),
        launch_type: runs.and_then(launch_type),
        rollout_state: Some(progress.rollout.as_str().into()),
        rollout_state_reason: Some(progress.reason.render(row.number).to_string()),
        ..Default::default()
    }
}

fn current_revision(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    row: &ServiceDeployment,
) -> api::ServiceCurrentRevisionSummary {
    let counts = view.table::<Task>().indexes().deployment_counts(service.id, row.number);
    api::ServiceCurrentRevisionSummary {
        arn: Some(service_revision_arn(cluster, service, row.number).to_string()),
        requested_task_count: Some(number(row.progress.desired_count)),
        running_task_count: Some(number(counts.running)),
        pending_task_count: Some(number(counts.pending)),
    }
}

/// AWS: the newest first.
fn events(view: &impl View, service: &Service) -> Vec<api::ServiceEvent> {
    let newest_first = view.table::<ServiceEvent>().within(&service.id).rev();
    let event = |event: &ServiceEvent| api::ServiceEvent {
        id: Some(berth_model::AttachmentId::from_bytes(event.id).hyphenated().to_string()),
        created_at: Some(event.created_at),
        message: Some(event.message.clone()),
    };
    newest_first.take(SERVICE_EVENTS_KEPT as usize).map(event).collect()
}

pub(super) fn revision<'v>(
    view: &'v impl View,
    service: &Service,
    number: berth_model::TaskSetId,
) -> Option<&'v ServiceRevision> {
    view.get::<ServiceRevision>(&(service.id, number))
}

pub(super) fn task_definition(service: &Service, revision: &ServiceRevision) -> String {
    let (scope, revision) = (service.scope.clone(), revision.definition_name());
    TaskDefinitionArn { scope, revision }.to_string()
}

pub(super) fn load_balancers(revision: &ServiceRevision) -> Vec<api::LoadBalancer> {
    shapes(&revision.load_balancers)
}

pub(super) fn launch_type(revision: &ServiceRevision) -> Option<api::LaunchType> {
    revision.launch_type.map(|launch_type| launch_type.as_str().into())
}

pub(super) fn capacity_provider_strategy(
    revision: &ServiceRevision,
) -> Option<Vec<api::CapacityProviderStrategyItem>> {
    Some(shapes(&revision.capacity_provider_strategy)).filter(|strategy| !strategy.is_empty())
}

pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn shapes<T: Clone>(stored: &[Stored<T>]) -> Vec<T> {
    stored.iter().map(|shape| (**shape).clone()).collect()
}

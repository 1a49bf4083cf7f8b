//! Health as agents report it: of containers, rolled up into their tasks, and of instances.

use std::collections::BTreeMap;
use std::convert::Infallible;

use berth_agent_protocol::tcs::{
    ContainerHealth, HealthStatus as Reported, InstanceStatus, InstanceStatusType,
};
use berth_aws_api::ecs as api;
use berth_control::cell::WriteError;
use berth_control::tables::View;
use berth_model::{ContainerInstanceId, HealthStatus, TaskId, Timestamp};

use crate::service::Ecs;
use crate::tables::{Container, ContainerInstance, Stored, Task, TaskDefinition};

/// Notes the containers' health in their tasks; a task that has ended or is another instance's is not touched.
///
/// An agent says the same every 20 seconds: what is no news costs no transaction.
pub async fn note_containers(
    ecs: &Ecs,
    instance: ContainerInstanceId,
    reports: Vec<(TaskId, Vec<ContainerHealth>)>,
) -> Result<(), WriteError<Infallible>> {
    let view = ecs.cell.snapshot();
    let is_news = |(id, containers): &(TaskId, Vec<ContainerHealth>)| {
        news(&view, instance, id, containers).is_some()
    };
    if !reports.iter().any(is_news) {
        return Ok(());
    }
    ecs.cell
        .write(move |tx| {
            for (id, containers) in reports {
                if let Some(changed) = news(tx, instance, &id, &containers) {
                    tx.put(changed);
                }
            }
            Ok(())
        })
        .await
}

/// The task with what its containers report, if that is new.
fn news(
    view: &impl View,
    instance: ContainerInstanceId,
    id: &TaskId,
    reports: &[ContainerHealth],
) -> Option<Task> {
    let is_here =
        |task: &&Task| task.container_instance == Some(instance) && task.holds_resources();
    let task = view.get::<Task>(id).filter(is_here)?;
    let reported = |container: &Container| {
        let mut of_it = reports.iter().rev();
        let last = of_it.find(|report| container.name == report.container_name);
        last.map_or(container.health, |report| status(&report.health_status))
    };
    // Nearly always the same as ever, and a task is large.
    if task.containers.iter().all(|container| container.health == reported(container)) {
        return None;
    }
    let mut changed = task.clone();
    for container in &mut changed.containers {
        container.health = reported(container);
    }
    changed.health = of_task(&changed, view.get::<TaskDefinition>(&task.task_definition));
    changed.version += 1;
    Some(changed)
}

fn status(reported: &Reported) -> HealthStatus {
    match reported {
        Reported::Healthy => HealthStatus::Healthy,
        Reported::Unhealthy => HealthStatus::Unhealthy,
        _ => HealthStatus::Unknown,
    }
}

/// AWS: only essential containers with a health check count. One unhealthy makes the task unhealthy, one
/// still unknown makes it unknown, and a task without any such container is unknown.
fn of_task(task: &Task, definition: Option<&TaskDefinition>) -> HealthStatus {
    let defined =
        definition.and_then(|definition| definition.content.container_definitions.as_deref());
    let counts = |name: &str| {
        let found = defined
            .unwrap_or_default()
            .iter()
            .find(|container| container.name.as_deref() == Some(name));
        found.is_some_and(|container| {
            container.health_check.is_some() && container.essential.unwrap_or(true)
        })
    };
    let mut overall = None;
    for container in task.containers.iter().filter(|container| counts(&container.name)) {
        overall = Some(match (overall, container.health) {
            (Some(HealthStatus::Unhealthy), _) | (_, HealthStatus::Unhealthy) => {
                HealthStatus::Unhealthy
            }
            (Some(HealthStatus::Unknown), _) | (_, HealthStatus::Unknown) => HealthStatus::Unknown,
            _ => HealthStatus::Healthy,
        });
    }
    overall.unwrap_or(HealthStatus::Unknown)
}

/// Notes the instance's own health (`healthStatus` of DescribeContainerInstances).
///
/// An agent says the same every 20 seconds, at another instant: that is kept in memory.
pub async fn note_instance(
    ecs: &Ecs,
    instance: ContainerInstanceId,
    statuses: Vec<InstanceStatus>,
) -> Result<(), WriteError<Infallible>> {
    let confirmed_at = statuses.iter().filter_map(|status| status.last_updated).max();
    let health = instance_health(statuses);
    let view = ecs.cell.snapshot();
    let noted = view.get::<ContainerInstance>(&instance).and_then(|found| found.health.as_ref());
    if noted.is_some_and(|noted| updated(noted, None) == updated(&health, None)) {
        ecs.telemetry.confirm_health(instance, confirmed_at.map(|at| at.0));
        return Ok(());
    }
    ecs.telemetry.confirm_health(instance, None);
    let health = Stored::new(health);
    ecs.cell
        .write(move |tx| {
            if let Some(found) = tx.get::<ContainerInstance>(&instance) {
                let changed = ContainerInstance {
                    health: Some(health),
                    version: found.version + 1,
                    ..found.clone()
                };
                tx.put(changed);
            }
            Ok(())
        })
        .await
}

/// The same health, found out at this time.
pub fn updated(
    health: &api::ContainerInstanceHealthStatus,
    at: Option<Timestamp>,
) -> api::ContainerInstanceHealthStatus {
    let mut health = health.clone();
    for detail in health.details.iter_mut().flatten() {
        detail.last_updated = at;
    }
    health
}

fn instance_health(statuses: Vec<InstanceStatus>) -> api::ContainerInstanceHealthStatus {
    let by_type: BTreeMap<String, InstanceStatus> = statuses
        .into_iter()
        .map(|status| (shown_type(&status.kind).as_str().to_owned(), status))
        .collect();
    let words: Vec<&str> = by_type.values().map(|status| status.status.as_str()).collect();
    let overall = ["IMPAIRED", "INSUFFICIENT_DATA", "INITIALIZING"]
        .into_iter()
        .find(|word| words.contains(word));
    let detail = |(kind, status): (String, InstanceStatus)| api::InstanceHealthCheckResult {
        r#type: Some(kind.as_str().into()),
        status: Some(status.status.as_str().into()),
        last_updated: status.last_updated.map(|at| at.0),
        last_status_change: status.last_status_change.map(|at| at.0),
        ..Default::default()
    };
    api::ContainerInstanceHealthStatus {
        overall_status: Some(overall.unwrap_or("OK").into()),
        details: Some(by_type.into_iter().map(detail).collect()),
    }
}

/// AWS: agents and the API spell the same checks differently.
fn shown_type(told: &InstanceStatusType) -> api::InstanceHealthCheckType {
    match told {
        InstanceStatusType::ContainerRuntime => api::InstanceHealthCheckType::ContainerRuntime,
        InstanceStatusType::Agent => api::InstanceHealthCheckType::AgentConnectivity,
        InstanceStatusType::EbsDaemon => api::InstanceHealthCheckType::Daemon,
        InstanceStatusType::AcceleratedCompute => api::InstanceHealthCheckType::AcceleratedCompute,
        InstanceStatusType::Unknown(word) => word.as_str().into(),
    }
}

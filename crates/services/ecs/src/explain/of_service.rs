//! What is told of a service: where its tasks are, and which found no place.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{TaskSetId, TaskStatus, Timestamp};
use berth_scheduler::Request;

use super::answer::{self, ServiceTask, Unplaced};
use super::weigh::{instance, no_target};
use crate::launch::Launch;
use crate::limits::Limits;
use crate::render;
use crate::service::Ecs;
use crate::service_launch;
use crate::shares;
use crate::tables::{Cluster, Service, ServiceDeployment, ServiceRevision, Task, TaskSet};

/// What is asked of the scheduler when the service starts another task of this revision: of which capacity provider,
/// its strategy tells.
pub fn request(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    revision: TaskSetId,
    (seed, limits, now): (u64, &Limits, Timestamp),
) -> Result<Request, api::Error> {
    let found = view
        .get::<ServiceRevision>(&(service.id, revision))
        .ok_or_else(|| api::Error::client("The service revision is not remembered any more."))?;
    let prepared = service_launch::launch(view, cluster, service, found, revision, now)
        .and_then(Launch::prepare)?;
    let mut request = prepared.request(seed, limits.tasks_per_instance);
    request.constraints.extend(service_launch::constraints(service)?);
    request.strategies = service_launch::strategies(service)?;
    let next = shares::of_deployment(view, cluster, service, revision, 1)?;
    let provider = next.into_iter().find_map(|share| share.provider);
    request.capacity_provider = provider.map(|provider| provider.name.as_str().into());
    Ok(request)
}

pub fn told(view: &impl View, cluster: &Cluster, service: &Service, ecs: &Ecs) -> answer::Service {
    let tasks = view.table::<Task>();
    let of_service = tasks.indexes().by_service.get(&service.id);
    let present: Vec<&Task> = of_service
        .filter_map(|id| tasks.get(id))
        .filter(|task| task.last_status < TaskStatus::Stopped)
        .collect();
    let told: Vec<ServiceTask> =
        present.iter().map(|task| service_task(view, cluster, task, ecs)).collect();
    let mut zones: BTreeMap<String, usize> = BTreeMap::new();
    for zone in told.iter().filter_map(|task| task.container_instance.as_ref()) {
        *zones.entry(zone.availability_zone.clone().unwrap_or_default()).or_default() += 1;
    }
    let deployments = view.table::<ServiceDeployment>().within(&service.id);
    let of_deployments =
        deployments.filter(|row| row.is_in_play()).map(|row| (row.number, &row.unplaced));
    let sets = view.table::<TaskSet>().within(&service.id).map(|set| (set.id, &set.unplaced));
    let unplaced = of_deployments.chain(sets).filter(|(_, unplaced)| unplaced.tasks > 0);
    answer::Service {
        service_arn: render::service_arn(cluster, service).to_string(),
        status: service.status.as_str().to_owned(),
        scheduling_strategy: service.scheduling_strategy.as_str().to_owned(),
        desired_count: service.desired_count,
        tasks: told,
        tasks_by_zone: zones,
        unplaced: unplaced
            .map(|(deployment, unplaced)| Unplaced {
                deployment: deployment.to_string(),
                tasks: unplaced.tasks,
                because: unplaced.because.clone(),
                availability_zones: unplaced.zones.clone(),
            })
            .collect(),
    }
}

fn service_task(view: &impl View, cluster: &Cluster, task: &Task, ecs: &Ecs) -> ServiceTask {
    let decision = ecs.decisions.of(task.id);
    ServiceTask {
        task_arn: render::task_arn(cluster, task).to_string(),
        last_status: task.last_status.as_str().to_owned(),
        container_instance: task.container_instance.map(|id| instance(view, cluster, id)),
        no_target: no_target(ecs, view, task),
        standings: decision.map_or_else(Vec::new, |decision| {
            answer::standings(&decision.request.strategies, &decision.standings)
        }),
    }
}

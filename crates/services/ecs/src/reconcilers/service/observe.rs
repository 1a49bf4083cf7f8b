//! A service as planning sees it, from the tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::ports::LoadBalancing;
use berth_control::tables::View;
use berth_deployment::{self as planning, Host, HostState, Role, Strategy, Zone};
use berth_model::{
    ContainerInstanceStatus, LaunchType, ServiceId, ServiceStatus, TaskDefinitionId, TaskId,
    TaskSetId,
};
use berth_scheduler::{Demand, Request, check_one};

use crate::deployment_settings as settings;
use crate::fleet;
use crate::image_resolution;
use crate::patience::Patience;
use crate::rollout;
use crate::service_launch;
use crate::tables::{
    Cluster, ContainerInstance, ResolvedImages, Service, ServiceDeployment, ServiceRevision, Task,
    TaskDefinition, TaskSet,
};
use crate::traffic::{self, Illness, lanes, rules};

/// One frozen view of a service.
pub struct Observed {
    pub service: Arc<Service>,
    pub cluster: Arc<Cluster>,
    pub seen: planning::Service,
    /// Tasks that their target groups find unhealthy.
    pub ill: BTreeMap<TaskId, Illness>,
}

impl Observed {
    /// `None` for a service that nothing is to be done about any more.
    pub fn of(
        view: &impl View,
        id: ServiceId,
        patience: &Patience,
        balancing: &dyn LoadBalancing,
    ) -> Option<Self> {
        let service = view.table::<Service>().get_shared(&id)?;
        let cluster = view.table::<Cluster>().get_shared(&service.cluster)?;
        if service.status == ServiceStatus::Inactive {
            return None;
        }
        let configuration = &service.deployment_configuration;
        let deployments: Vec<planning::Deployment> = match service.has_task_sets() {
            true => view.table::<TaskSet>().within(&id).map(rollout::planned_set).collect(),
            false => deployments(view, &service, balancing),
        };
        let shifts_traffic = rollout::in_play(view, &service).any(|row| {
            let revision = view.get::<ServiceRevision>(&row.key_of_revision());
            revision.is_some_and(ServiceRevision::shifts_requests)
        });
        let mut ill = BTreeMap::new();
        let tasks = tasks(view, &service, balancing, &mut ill);
        let seen = planning::Service {
            status: service.status,
            scheduling: service.scheduling_strategy,
            controller: service.controller,
            desired_count: service.desired_count,
            bounds: settings::bounds(configuration),
            circuit_breaker: settings::circuit_breaker(configuration),
            alarms: settings::alarms(configuration),
            bake_time: settings::bake_time(configuration),
            early_success: settings::early_success(configuration),
            warm_up: patience.task_warm_up,
            health_grace: std::time::Duration::from_secs(
                service.health_check_grace_period_seconds.unwrap_or(0).into(),
            ),
            shifts_traffic,
            zone_rebalancing: service.zone_rebalancing,
            zones: if service.zone_rebalancing { zones(view, &service) } else { Vec::new() },
            memory: service.memory.clone(),
            tasks,
            hosts: if service.is_daemon() {
                hosts(view, &cluster, &service, &deployments)
            } else {
                Vec::new()
            },
            deployments,
        };
        Some(Self { service, cluster, seen, ill })
    }

    /// Whether not all tasks could be started the last time, of which planning knew nothing then.
    pub fn came_short(&self) -> bool {
        let mut deployments = self.seen.deployments.iter();
        deployments.any(|deployment| deployment.unplaced > 0 || deployment.unlaunched.is_some())
    }
}

/// Those in play, with where their tasks get requests from.
fn deployments(
    view: &impl View,
    service: &Service,
    balancing: &dyn LoadBalancing,
) -> Vec<planning::Deployment> {
    let rows: Vec<&ServiceDeployment> = rollout::in_play(view, service).collect();
    let revision = |row: &&ServiceDeployment| view.get::<ServiceRevision>(&row.key_of_revision());
    let revisions: Vec<Option<&ServiceRevision>> = rows.iter().map(revision).collect();
    let lanes = lanes::numbered(&revisions);
    let all = rows.into_iter().zip(revisions).zip(lanes);
    all.map(|((row, revision), lane)| {
        let planned = rollout::planned(row);
        let is_shifting =
            row.progress.role == Role::Primary && planned.strategy != Strategy::Rolling;
        let obstacle = revision
            .filter(|_| is_shifting)
            .and_then(|revision| rules::obstacle(view, balancing, service, row, revision));
        planning::Deployment { lane, obstacle, ..planned }
    })
    .collect()
}

/// Whether planning would see this change of a task.
pub fn is_seen(before: Option<&Task>, after: Option<&Task>) -> bool {
    let seen = |task: &Task| {
        (
            task.last_status,
            task.desired_status,
            task.health,
            task.protected_until,
            task.container_instance,
            task.deployment,
        )
    };
    before.map(seen) != after.map(seen)
}

/// Whether this change of a task may have shown that it runs another image than it should.
pub fn is_another_image(before: Option<&Task>, after: Option<&Task>) -> bool {
    fn images(task: &Task) -> impl Iterator<Item = Option<&str>> {
        task.containers.iter().map(|container| container.image_digest.as_deref())
    }
    before.zip(after).is_some_and(|(before, after)| !images(before).eq(images(after)))
}

/// Whether this change of an instance may matter to any service: it came or went, or takes other tasks.
pub fn is_another(before: Option<&ContainerInstance>, after: Option<&ContainerInstance>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return true };
    before.status != after.status
        || before.agent_connected != after.agent_connected
        || before.registered != after.registered
        || before.attributes != after.attributes
        || before.capacity_provider != after.capacity_provider
}

/// Zones of the cluster that could take a task.
fn zones(view: &impl View, service: &Service) -> Vec<Zone> {
    let indexes = view.table::<ContainerInstance>().indexes();
    indexes.zones(service.cluster).map(Zone::from).collect()
}

/// Its tasks that it still has to do with.
fn tasks(
    view: &impl View,
    service: &Service,
    balancing: &dyn LoadBalancing,
    ill: &mut BTreeMap<TaskId, Illness>,
) -> Vec<planning::Task> {
    let (tasks, instances) = (view.table::<Task>(), view.table::<ContainerInstance>());
    let mut zones: BTreeMap<&str, Zone> = BTreeMap::new();
    let mut checked: BTreeMap<TaskDefinitionId, bool> = BTreeMap::new();
    let mut resolved: BTreeMap<TaskSetId, Option<&ResolvedImages>> = BTreeMap::new();
    let of_service = tasks.indexes().by_service.get(&service.id).filter_map(|id| tasks.get(id));
    of_service
        .filter_map(|task| {
            let instance = task.container_instance.and_then(|id| instances.get(&id));
            let has_check = *checked
                .entry(task.task_definition)
                .or_insert_with(|| has_health_check(view, &task.task_definition));
            let deployment = task.deployment?;
            let of_containers = has_check.then_some(task.health);
            let mut judged =
                traffic::is_held(task).then(|| traffic::judge(view, balancing, task.id)).flatten();
            if let Some(illness) = judged.as_mut().and_then(|it| it.illness.take()) {
                ill.insert(task.id, illness);
            }
            let health = match (of_containers, judged.map(|it| it.health)) {
                (Some(one), Some(other)) => Some(traffic::worse(one, other)),
                (one, other) => one.or(other),
            };
            let resolved = *resolved
                .entry(deployment)
                .or_insert_with(|| view.get::<ResolvedImages>(&(service.id, deployment)));
            Some(planning::Task {
                id: task.id,
                deployment,
                instance: task.container_instance,
                zone: instance
                    .and_then(ContainerInstance::zone)
                    .map(|zone| zones.entry(zone).or_insert_with(|| Zone::from(zone)).clone()),
                instance_draining: instance
                    .is_some_and(|found| found.status == ContainerInstanceStatus::Draining),
                is_another_version: image_resolution::is_another_version(task, resolved),
                last_status: task.last_status,
                desired_status: task.desired_status,
                health,
                created_at: task.times.created_at,
                started_at: task.times.started_at,
                stopped_at: task.times.stopped_at,
                stop_code: task.stop_code,
                protected_until: task.protected_until,
            })
        })
        .collect()
}

/// AWS: only essential containers count for a task's health.
fn has_health_check(view: &impl View, definition: &TaskDefinitionId) -> bool {
    let definition = view.get::<TaskDefinition>(definition);
    let containers = definition.iter().flat_map(|found| found.content.container_definitions.iter());
    containers.flatten().any(|container: &api::ContainerDefinition| {
        container.health_check.is_some() && container.essential.unwrap_or(true)
    })
}

/// Every instance of the cluster, as the daemon's primary deployment could use it.
fn hosts(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    deployments: &[planning::Deployment],
) -> Vec<Host> {
    let primary = deployments.iter().find(|found| found.progress.role == Role::Primary);
    let asks = primary.and_then(|primary| standing_request(view, cluster, service, primary.id));
    let instances = view.table::<ContainerInstance>();
    let of_cluster = instances.indexes().by_cluster.get(&cluster.id);
    of_cluster
        .filter_map(|id| instances.get(id))
        .filter_map(|found| {
            let state = match found.status {
                ContainerInstanceStatus::Active if found.agent_connected => HostState::InService,
                ContainerInstanceStatus::Active => HostState::Away,
                ContainerInstanceStatus::Draining => {
                    HostState::Draining { occupied: is_occupied(view, found) }
                }
                _ => return None,
            };
            let eligible = asks.as_ref().is_some_and(|request| {
                // In service, so that the rest is judged.
                let mut instance = fleet::instance(view, found);
                instance.status = ContainerInstanceStatus::Active;
                instance.agent_connected = true;
                check_one(&instance, request).is_ok()
            });
            Some(Host { instance: found.id, state, eligible })
        })
        .collect()
}

/// What the deployment asks of an instance besides room.
fn standing_request(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    number: TaskSetId,
) -> Option<Request> {
    let revision = view.get::<ServiceRevision>(&(service.id, number))?;
    let created_at = service.created_at;
    let launch =
        service_launch::launch(view, cluster, service, revision, number, created_at).ok()?;
    let prepared = launch.prepare().ok()?;
    let mut request = prepared.request(0, None);
    request.demand = Demand::default();
    request.constraints.extend(service_launch::constraints(service).ok()?);
    request.launch_type = revision.launch_type.unwrap_or(LaunchType::Ec2);
    Some(request)
}

/// Whether tasks are on the instance that are no daemon's: a daemon leaves last.
fn is_occupied(view: &impl View, instance: &ContainerInstance) -> bool {
    let (tasks, services) = (view.table::<Task>(), view.table::<Service>());
    let mut here =
        tasks.indexes().unfinished_by_instance.get(&instance.id).filter_map(|id| tasks.get(id));
    here.any(|task| {
        let service = task.service.and_then(|service| services.get(&service));
        !service.is_some_and(Service::is_daemon)
    })
}

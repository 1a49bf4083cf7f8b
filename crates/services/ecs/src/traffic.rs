//! Tasks behind load balancers: which targets a task is, who waits for what, and how it stands with its target groups.
//!
//! A task of a service with load balancers is held twice. Once its containers run, it is ACTIVATING until it is
//! registered with every target group. Asked to stop, it is DEACTIVATING until none of them sends it requests any more; its
//! agent hears of the stop only then (ADR 30). `reconcilers/traffic.rs` does both. `traffic/lanes.rs` says with which groups the tasks of a
//! revision register, `traffic/rules.rs` how requests are shared out among them.

mod hosts;
mod illness;
pub mod lanes;
pub mod rules;

pub use hosts::InstanceAddresses;
pub use illness::Illness;

use berth_aws_api::ecs as api;
use berth_control::ports::{LoadBalancing, Standing};
use berth_control::tables::View;
use berth_model::{HealthStatus, TaskId};

use crate::tables::{
    Container, ContainerInstance, HeldStage, Hold, ServiceRevision, Stored, Task, TaskDefinition,
    TaskTarget,
};

/// Who holds such a task.
pub const HOLDER: &str = "elasticloadbalancing";

/// What a task of this revision is held by from its beginning.
pub fn holds(revision: &ServiceRevision) -> Vec<Hold> {
    if revision.load_balancers.is_empty() {
        return Vec::new();
    }
    let hold = |stage| Hold { stage, by: HOLDER.to_owned() };
    vec![hold(HeldStage::Activating), hold(HeldStage::Deactivating)]
}

pub fn is_held(task: &Task) -> bool {
    task.holds.iter().any(|hold| hold.by == HOLDER)
}

/// Why a task cannot be a target yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTarget {
    /// The target group's ARN.
    pub group: String,
    pub error: String,
}

/// The targets that a task has to be now that its containers run, of groups that are all there.
pub fn targets(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    task: &Task,
) -> Result<Vec<TaskTarget>, NoTarget> {
    let Some((service, number)) = task.service.zip(task.deployment) else { return Ok(Vec::new()) };
    let revision = view.get::<ServiceRevision>(&(service, number));
    let wanted = revision.map_or(&[][..], |revision| &revision.load_balancers);
    let groups = revision.into_iter().flat_map(ServiceRevision::target_groups);
    let target = |(number, (wanted, group)): (usize, (&Stored<api::LoadBalancer>, &str))| {
        let group = group.to_owned();
        let refused = |error: String| NoTarget { group: group.clone(), error };
        let (id, port) = place(view, task, wanted).map_err(refused)?;
        if balancing.target_group(view.sight(), &task.scope, &group).is_none() {
            // AWS: as ELB answers RegisterTargets then.
            return Err(refused("One or more target groups not found".to_owned()));
        }
        let number = u16::try_from(number)
            .map_err(|_| refused("It has too many load balancers".to_owned()))?;
        let (task, scope) = (task.id, task.scope.clone());
        Ok(TaskTarget { task, number, service, scope, group, id, port })
    };
    wanted.iter().zip(groups).enumerate().map(target).collect()
}

/// Its host's id, and the port of the host that leads to the container's.
fn place(
    view: &impl View,
    task: &Task,
    wanted: &api::LoadBalancer,
) -> Result<(String, u16), String> {
    let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
    let instance = instance.ok_or("The task is on no container instance")?;
    let host = instance.ec2_instance_id.clone().ok_or_else(|| {
        let id = instance.id;
        format!(
            "The container instance {id} has no EC2 instance ID, since it did not join by a token"
        )
    })?;
    let (name, port) =
        (wanted.container_name.as_deref().unwrap_or_default(), container_port(wanted)?);
    let container = task.containers.iter().find(|container| &*container.name == name);
    let container = container.ok_or_else(|| format!("The task has no container {name}"))?;
    let bound = bound(container, port);
    let port = bound.or_else(|| has_the_hosts_network(view, task).then_some(port));
    let port = port.ok_or_else(|| {
        format!(
            "No port of the host is known that leads to port {name}:{}",
            container_port(wanted).unwrap_or_default()
        )
    })?;
    Ok((host, port))
}

fn container_port(wanted: &api::LoadBalancer) -> Result<u16, String> {
    let port = wanted.container_port.and_then(|port| u16::try_from(port).ok());
    port.ok_or_else(|| "The load balancer names no port".to_owned())
}

fn bound(container: &Container, port: u16) -> Option<u16> {
    let mut bindings = container.network_bindings.iter();
    bindings.find(|binding| binding.container_port == Some(port))?.host_port
}

fn has_the_hosts_network(view: &impl View, task: &Task) -> bool {
    let definition = view.get::<TaskDefinition>(&task.task_definition);
    definition.is_some_and(|it| it.content.network_mode == Some(api::NetworkMode::Host))
}

/// A task's health in the eyes of its target groups.
pub struct Judgement {
    pub health: HealthStatus,
    pub illness: Option<Illness>,
}

/// AWS: healthy where every group finds it so; a group that no balancer sends requests to has no say.
pub fn judge(view: &impl View, balancing: &dyn LoadBalancing, task: TaskId) -> Option<Judgement> {
    let mut judgement: Option<Judgement> = None;
    for row in view.table::<TaskTarget>().within(&task) {
        let health = match balancing.standing(view.sight(), &row.target()) {
            Standing::Healthy | Standing::Unused => HealthStatus::Healthy,
            // Somebody else took it out: it is about to be registered again.
            Standing::Initial | Standing::Draining | Standing::Gone => HealthStatus::Unknown,
            Standing::Unhealthy => HealthStatus::Unhealthy,
        };
        let so_far = judgement.get_or_insert(Judgement { health, illness: None });
        so_far.health = worse(so_far.health, health);
        if health == HealthStatus::Unhealthy && so_far.illness.is_none() {
            let target = row.target();
            let reason = balancing.reason(view.sight(), &target);
            so_far.illness = Some(Illness::new(target, reason));
        }
    }
    judgement
}

/// Of two, what a task as a whole is.
pub fn worse(one: HealthStatus, other: HealthStatus) -> HealthStatus {
    match (one, other) {
        (HealthStatus::Unhealthy, _) | (_, HealthStatus::Unhealthy) => HealthStatus::Unhealthy,
        (HealthStatus::Healthy, HealthStatus::Healthy) => HealthStatus::Healthy,
        _ => HealthStatus::Unknown,
    }
}

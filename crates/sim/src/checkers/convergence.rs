//! When nothing is broken any more, what is meant and what runs become the same.

use std::collections::BTreeSet;

use berth_ecs::tables::{ContainerInstance, Service, Task};
use berth_model::{
    ContainerInstanceStatus, ContainerStatus, DesiredStatus, ServiceStatus, TaskStatus,
};

use crate::records::{Records, host_of};
use crate::scene::HostView;

/// The first thing that is not yet as it is meant to be.
pub fn unsettled(records: &Records, hosts: &[HostView]) -> Option<String> {
    let service =
        || records.services.values().find_map(|service| unsettled_service(records, service));
    let task = || records.tasks.values().find_map(|task| unsettled_task(task, hosts));
    let host = || hosts.iter().find_map(|host| unsettled_host(records, host));
    let instance = || records.instances.values().find_map(|instance| ghost(instance, records));
    task().or_else(host).or_else(instance).or_else(service)
}

fn unsettled_task(task: &Task, hosts: &[HostView]) -> Option<String> {
    let id = task.id;
    let meant = match task.desired_status {
        DesiredStatus::Stopped => TaskStatus::Stopped,
        DesiredStatus::Pending | DesiredStatus::Running => TaskStatus::Running,
    };
    if task.last_status != meant {
        return Some(format!(
            "task {id} of {} is {} and meant to be {meant}",
            task.family, task.last_status
        ));
    }
    let runs: BTreeSet<&str> = hosts
        .iter()
        .flat_map(|host| &host.running)
        .filter(|running| running.task == Some(id))
        .map(|running| running.container.as_str())
        .collect();
    let recorded: BTreeSet<&str> = task
        .containers
        .iter()
        .filter(|container| container.status == ContainerStatus::Running)
        .map(|container| container.name.as_str())
        .collect();
    (runs != recorded).then(|| {
        format!(
            "containers {recorded:?} of task {id} ({}) are recorded as running and {runs:?} run",
            task.last_status
        )
    })
}

/// As many tasks as its owner wants, unless there is no room for them.
fn unsettled_service(records: &Records, service: &Service) -> Option<String> {
    let of_it = |task: &&Task| task.service == Some(service.id) && task.holds_resources();
    let there = records.tasks.values().filter(of_it).count();
    let name = &service.name;
    if service.status != ServiceStatus::Active {
        return (there > 0).then(|| format!("service {name} is deleted and has {there} tasks"));
    }
    if service.is_daemon() || records.unplaced.iter().any(|(id, _)| *id == service.id) {
        return None;
    }
    let wanted = service.desired_count;
    (there != wanted as usize)
        .then(|| format!("service {name} wants {wanted} tasks and has {there}"))
}

fn unsettled_host(records: &Records, host: &HostView) -> Option<String> {
    if let Some(running) = host
        .running
        .iter()
        .find(|running| running.task.is_none_or(|id| !records.tasks.contains_key(&id)))
    {
        return Some(format!("{} on host-{} is nobody's", running.name, host.number));
    }
    let here = |instance: &&ContainerInstance| {
        host_of(instance) == Some(host.number)
            && instance.status != ContainerInstanceStatus::Inactive
            && instance.agent_connected
    };
    match records.instances.values().filter(here).count() {
        1 => None,
        count => Some(format!("host-{} is connected as {count} container instances", host.number)),
    }
}

/// An instance that no agent stands for must not look as if one did.
fn ghost(instance: &ContainerInstance, records: &Records) -> Option<String> {
    let is_inactive = instance.status == ContainerInstanceStatus::Inactive;
    if is_inactive && instance.agent_connected {
        return Some(format!("instance {} is INACTIVE and connected", instance.id));
    }
    // A host that was installed anew leaves its old instance behind; one that never was has only one.
    let others = records.instances.values().filter(|other| {
        other.id != instance.id
            && host_of(other) == host_of(instance)
            && other.status != ContainerInstanceStatus::Inactive
    });
    let twins = others.count();
    (!is_inactive && twins > 0)
        .then(|| format!("instance {} has {twins} twins that are not INACTIVE", instance.id))
}

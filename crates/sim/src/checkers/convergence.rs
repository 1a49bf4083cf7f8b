//! When nothing is broken any more, what is meant and what runs become the same.

mod daemons;
mod zones;

use std::collections::BTreeSet;

use berth_ecs::tables::{ContainerInstance, Reservation, Service, Task};
use berth_model::{
    ContainerInstanceStatus, ContainerStatus, DesiredStatus, RolloutState, ServiceId,
    ServiceStatus, TaskStatus,
};

use crate::records::{Records, host_of};
use crate::scene::HostView;

/// The first thing that is not yet as it is meant to be.
pub fn unsettled(records: &Records, hosts: &[HostView]) -> Option<String> {
    let service =
        || records.wishes.services.values().find_map(|service| unsettled_service(records, service));
    let task = || records.tasks.values().find_map(|task| unsettled_task(records, task, hosts));
    let host = || hosts.iter().find_map(|host| unsettled_host(records, host));
    let instance = || records.instances.values().find_map(|instance| ghost(instance, records));
    task().or_else(host).or_else(instance).or_else(service)
}

fn unsettled_task(records: &Records, task: &Task, hosts: &[HostView]) -> Option<String> {
    let id = task.id;
    if task.desired_status == DesiredStatus::Running && waits_in_vain(records, task) {
        return None;
    }
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

/// As many tasks as its owner wants, unless there is no room for them or its deployment was given up.
fn unsettled_service(records: &Records, service: &Service) -> Option<String> {
    let there = tasks_of(records, service.id).count();
    let (name, wishes) = (&service.name, &records.wishes);
    if service.status != ServiceStatus::Active {
        return (there > 0).then(|| format!("service {name} is deleted and has {there} tasks"));
    }
    if service.is_daemon() {
        return daemons::unsettled(records, service);
    }
    let waits = |task: &Task| {
        task.service == Some(service.id)
            && task.desired_status == DesiredStatus::Running
            && waits_in_vain(records, task)
    };
    if wishes.is_in_want_of_room(service.id) || records.tasks.values().any(waits) {
        return None;
    }
    if let Some(set) = wishes.task_sets_of(service.id).find(|set| set.is_draining()) {
        return Some(format!("task set {} of service {name} still drains", set.id));
    }
    match rollout(records, service.id) {
        Some(RolloutState::Failed) => return None,
        Some(RolloutState::InProgress) => {
            return Some(format!("the deployment of service {name} is in progress"));
        }
        Some(RolloutState::Completed) | None => {}
    }
    let wanted = match service.has_task_sets() {
        true => wishes
            .task_sets_of(service.id)
            .map(|set| set.computed_desired_count(service.desired_count))
            .sum(),
        false => service.desired_count,
    };
    if there != wanted as usize {
        return Some(format!("service {name} wants {wanted} tasks and has {there}"));
    }
    zones::uneven(records, service)
}

/// Tasks of the service that are there.
fn tasks_of(records: &Records, service: ServiceId) -> impl Iterator<Item = &Task> {
    let of_it = move |task: &&Task| task.service == Some(service) && task.holds_resources();
    records.tasks.values().filter(of_it)
}

/// How far the deployment is that the service moves to. An older one may keep a task where nothing is started any more.
fn rollout(records: &Records, service: ServiceId) -> Option<RolloutState> {
    let mut deployments = records.wishes.deployments_of(service).map(|row| &row.progress);
    let primary = deployments.find(|progress| progress.role.as_str() == "PRIMARY");
    primary.map(|progress| progress.rollout)
}

/// Whether the task waits for an instance of its provider, and none has room for it.
fn waits_in_vain(records: &Records, task: &Task) -> bool {
    let takes = |instance: &ContainerInstance| {
        instance.capacity_provider.as_deref() == task.capacity_provider.as_deref()
            && instance.status == ContainerInstanceStatus::Active
            && has_room(records, instance, &task.reserved)
    };
    task.last_status == TaskStatus::Provisioning
        && task.capacity_provider.is_some()
        && !records.instances.values().any(takes)
}

/// Whether the instance has as much left. Tasks that ask for ports of their hosts are nobody's here.
fn has_room(records: &Records, instance: &ContainerInstance, asked: &Reservation) -> bool {
    let here = records
        .tasks
        .values()
        .filter(|other| other.container_instance == Some(instance.id) && other.holds_resources());
    let (mut cpu, mut memory) = (asked.cpu.0, asked.memory.0);
    here.for_each(|other| {
        cpu += other.reserved.cpu.0;
        memory += other.reserved.memory.0;
    });
    cpu <= instance.registered.cpu.0 && memory <= instance.registered.memory.0
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

#[cfg(test)]
mod tests {
    use berth_ecs::tables::Unplaced;

    use super::*;
    use crate::checkers::specimens::{deployment, records, service, task, task_set, wishes};
    use crate::records::Wishes;

    fn look(wishes: Wishes, tasks: u8) -> Option<String> {
        let records = records(wishes, (1..=tasks).map(task).collect(), &[]);
        let service = records.wishes.services.values().next().expect("the service");
        unsettled_service(&records, service)
    }

    #[test]
    fn a_service_at_rest_has_as_many_tasks_as_it_wants() {
        assert_eq!(look(wishes(service()), 4), None);
        assert!(look(wishes(service()), 3).is_some());
        assert!(look(wishes(service()), 5).is_some());
        let deleted = Service { status: ServiceStatus::Draining, ..service() };
        assert!(look(wishes(deleted), 1).is_some());
    }

    #[test]
    fn a_service_at_rest_has_come_to_the_end_of_its_deployments() {
        let mut wishes = wishes(service());
        let mut row = deployment(berth_aws_api::ecs::DeploymentStrategy::Rolling);
        let key = (row.service, row.number);
        wishes.deployments.insert(key, row.clone());
        assert!(look(wishes.clone(), 4).is_some());
        row.progress.rollout = RolloutState::Failed;
        wishes.deployments.insert(key, row.clone());
        assert_eq!(look(wishes.clone(), 1), None, "it was given up");
        row.progress.rollout = RolloutState::InProgress;
        row.unplaced = Unplaced { tasks: 1, ..Unplaced::default() };
        wishes.deployments.insert(key, row);
        assert_eq!(look(wishes, 3), None, "there is no room");
    }

    #[test]
    fn task_sets_at_rest_have_their_shares() {
        let external = berth_model::DeploymentController::External;
        let mut wishes = wishes(Service { controller: external, ..service() });
        let mut set = task_set();
        let key = (set.service, set.id);
        wishes.task_sets.insert(key, set.clone());
        assert_eq!(look(wishes.clone(), 2), None);
        assert!(look(wishes.clone(), 4).is_some());
        set.scale = 0.0;
        wishes.task_sets.insert(key, set);
        assert!(look(wishes, 2).is_some());
    }
}

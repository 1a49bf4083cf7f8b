//! A daemon has one task on every host that it is to be on, and none elsewhere.

use berth_ecs::tables::{ContainerInstance, Reservation, Service, Task};
use berth_model::{ContainerInstanceStatus, DesiredStatus, RolloutState, TaskStatus};

use super::{has_room, rollout, tasks_of};
use crate::checkers::services::{hosts_of, takes, whole};
use crate::records::Records;

pub(super) fn unsettled(records: &Records, service: &Service) -> Option<String> {
    let name = &service.name;
    let hosts = hosts_of(records, service).count() as u32;
    // AWS: a host's task is stopped before the next is started there, so where none may be without, none is replaced.
    let can_move = whole(service, hosts).least < hosts;
    match rollout(records, service.id) {
        Some(RolloutState::Failed) => return None,
        Some(RolloutState::InProgress)
            if can_move && !records.wishes.is_in_want_of_room(service.id) =>
        {
            return Some(format!("the deployment of daemon {name} is in progress"));
        }
        Some(RolloutState::InProgress | RolloutState::Completed) | None => {}
    }
    let asked = tasks_of(records, service.id).map(|task| &task.reserved).next();
    let asked = asked.cloned().unwrap_or_default();
    records.instances.values().find_map(|instance| amiss(records, service, instance, &asked))
}

/// What is wrong with the daemon on this instance; a task of it asks for so much.
fn amiss(
    records: &Records,
    service: &Service,
    instance: &ContainerInstance,
    asked: &Reservation,
) -> Option<String> {
    // It goes when all others have gone, which may be never.
    if instance.status == ContainerInstanceStatus::Draining {
        return None;
    }
    let here =
        || tasks_of(records, service.id).filter(|it| it.container_instance == Some(instance.id));
    let runs = |task: &&Task| {
        task.last_status == TaskStatus::Running && task.desired_status == DesiredStatus::Running
    };
    let (there, running) = (here().count(), here().filter(runs).count());
    let wanted = usize::from(takes(instance, service));
    let lacks_room = there == 0 && !has_room(records, instance, asked);
    if (there, running) == (wanted, wanted) || lacks_room {
        return None;
    }
    let (name, id) = (&service.name, instance.id);
    Some(format!(
        "daemon {name} has {there} tasks on instance {id}, {running} RUNNING, of {wanted}"
    ))
}

#[cfg(test)]
mod tests {
    use berth_aws_api::ecs::DeploymentStrategy;
    use berth_model::MemoryMib;

    use super::*;
    use crate::checkers::specimens::{daemon, deployment, host, instance, records, task, wishes};
    use crate::records::Wishes;

    /// Hosts 1 and 2 are there.
    fn look(
        wishes: Wishes,
        tasks: Vec<Task>,
        change: impl Fn(&mut ContainerInstance),
    ) -> Option<String> {
        let mut instances = [instance(1), instance(2)];
        change(&mut instances[1]);
        let records = Records {
            instances: instances.into_iter().map(|row| (row.id, row)).collect(),
            ..records(wishes, tasks, &[])
        };
        let service = records.wishes.services.values().next().expect("the service");
        unsettled(&records, service)
    }

    #[test]
    fn a_host_without_its_task_is_seen() {
        let look = |tasks| look(wishes(daemon()), tasks, |_| {});
        let pending = Task { last_status: TaskStatus::Pending, ..task(2) };
        let beside = Task { container_instance: Some(host(1)), ..task(3) };
        assert_eq!(look(vec![task(1), task(2)]), None);
        assert!(look(vec![task(1)]).is_some());
        assert!(look(vec![]).is_some());
        assert!(look(vec![task(1), pending]).is_some());
        assert!(look(vec![task(1), task(2), beside]).is_some());
    }

    #[test]
    fn a_task_on_a_host_that_takes_none_is_seen() {
        let look =
            |status, tasks| look(wishes(daemon()), tasks, |instance| instance.status = status);
        let (gone, leaving) =
            (ContainerInstanceStatus::Inactive, ContainerInstanceStatus::Draining);
        assert_eq!(look(gone, vec![task(1)]), None);
        assert!(look(gone, vec![task(1), task(2)]).is_some());
        assert_eq!(look(leaving, vec![task(1), task(2)]), None, "it leaves last");
    }

    #[test]
    fn a_full_host_has_none() {
        let look = |memory| {
            let asked = Reservation { memory: MemoryMib(64), ..Reservation::default() };
            let tasks = vec![Task { reserved: asked, ..task(1) }];
            look(wishes(daemon()), tasks, |instance| instance.registered.memory = MemoryMib(memory))
        };
        assert_eq!(look(63), None);
        assert!(look(64).is_some());
    }

    #[test]
    fn a_deployment_ends_unless_no_host_may_be_without() {
        let under_way = |service: Service| {
            let mut wishes = wishes(service);
            let row = deployment(DeploymentStrategy::Rolling);
            wishes.deployments.insert((row.service, row.number), row);
            wishes
        };
        let both = || vec![task(1), task(2)];
        assert!(look(under_way(daemon()), both(), |_| {}).is_some());
        // Half of one host is one host.
        let leaves_one = |instance: &mut ContainerInstance| {
            instance.status = ContainerInstanceStatus::Draining;
        };
        assert_eq!(look(under_way(daemon()), both(), leaves_one), None);
    }
}

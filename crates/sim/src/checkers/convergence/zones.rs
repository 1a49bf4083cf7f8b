//! A service that has its availability zones evened out, and whose tasks fit anywhere, is spread as evenly as there is room.

use std::collections::BTreeMap;

use berth_ecs::tables::{ContainerInstance, Service, Task};

use super::{has_room, tasks_of};
use crate::checkers::services::{takes, whole};
use crate::records::Records;

/// A zone that should have a task that another has.
///
/// Where tasks are divided among capacity providers a zone may have room and none of the right provider: nothing is
/// said about those but that they rest.
pub(super) fn uneven(records: &Records, service: &Service) -> Option<String> {
    let tasks: Vec<&Task> = tasks_of(records, service.id).collect();
    let one = tasks.first()?;
    // One more has to be started before another is stopped.
    let can_move = whole(service, service.desired_count).most > service.desired_count;
    let fit_anywhere = tasks.iter().all(|task| task.capacity_provider.is_none());
    if !service.zone_rebalancing || service.has_task_sets() || !can_move || !fit_anywhere {
        return None;
    }
    let mut zones: BTreeMap<&str, usize> = BTreeMap::new();
    for task in &tasks {
        let instance = task.container_instance.and_then(|id| records.instances.get(&id));
        if let Some(zone) = instance.and_then(ContainerInstance::zone) {
            *zones.entry(zone).or_default() += 1;
        }
    }
    let (fullest, most) = zones.iter().max_by_key(|(_, tasks)| **tasks)?;
    let is_apart = service
        .placement_constraints
        .iter()
        .any(|constraint| constraint.r#type.as_ref().is_some_and(|is| is.as_str() == DISTINCT));
    let is_free = |instance: &&ContainerInstance| {
        let taken = tasks.iter().any(|task| task.container_instance == Some(instance.id));
        takes(instance, service)
            && has_room(records, instance, &one.reserved)
            && !(is_apart && taken)
    };
    let open = records.instances.values().filter(is_free).filter_map(ContainerInstance::zone);
    let count = |zone: &str| zones.get(zone).copied().unwrap_or(0);
    let emptiest = open.min_by_key(|zone| (count(zone), *zone))?;
    let least = count(emptiest);
    (*most > least + 1).then(|| {
        let name = &service.name;
        format!("service {name} has {most} tasks in {fullest} and {least} in {emptiest}, with room")
    })
}

const DISTINCT: &str = "distinctInstance";

#[cfg(test)]
mod tests {
    use berth_ecs::tables::Reservation;
    use berth_model::{ContainerInstanceStatus, MemoryMib};

    use super::*;
    use crate::checkers::specimens::{apart, host, instance, records, service, task, wishes};

    /// The instances, and a task on each host of this list.
    fn look(service: Service, instances: Vec<ContainerInstance>, on: &[u8]) -> Option<String> {
        let tasks = (1_u8..).zip(on).map(|(number, on)| Task {
            container_instance: Some(host(*on)),
            reserved: Reservation { memory: MemoryMib(64), ..Reservation::default() },
            ..task(number)
        });
        let records = Records {
            instances: instances.into_iter().map(|instance| (instance.id, instance)).collect(),
            ..records(wishes(service.clone()), tasks.collect(), &[])
        };
        uneven(&records, &service)
    }

    fn evened_out(service: Service) -> Service {
        Service { zone_rebalancing: true, ..service }
    }

    #[test]
    fn a_zone_that_has_two_tasks_less_than_another_is_seen() {
        let all = || (0..3).map(instance).collect::<Vec<_>>();
        assert_eq!(look(evened_out(service()), all(), &[0, 0, 1, 2]), None);
        assert!(look(evened_out(service()), all(), &[0, 0, 1, 1]).is_some());
        assert!(look(evened_out(service()), all(), &[0, 0, 0, 1]).is_some());
        assert_eq!(look(Service { zone_rebalancing: false, ..service() }, all(), &[0; 4]), None);
    }

    #[test]
    fn a_zone_without_room_need_not_have_any() {
        let mut full = instance(2);
        full.registered.memory = MemoryMib(32);
        let mut draining = instance(2);
        draining.status = ContainerInstanceStatus::Draining;
        for shut in [full, draining] {
            let all = || vec![instance(0), instance(1), shut.clone()];
            assert_eq!(look(evened_out(service()), all(), &[0, 0, 1, 1]), None);
            assert!(look(evened_out(service()), all(), &[0, 0, 0, 1]).is_some());
        }
    }

    #[test]
    fn one_host_takes_no_second_task_of_those_that_are_to_be_apart() {
        let all = || vec![instance(0), instance(3), instance(6), instance(1)];
        assert_eq!(look(evened_out(apart()), all(), &[0, 3, 6, 1]), None);
        assert!(look(evened_out(service()), all(), &[0, 3, 6, 1]).is_some());
    }

    #[test]
    fn a_service_that_can_start_no_task_more_is_left_as_it_is() {
        let mut tight = evened_out(service());
        tight.desired_count = 1;
        tight.deployment_configuration =
            berth_ecs::tables::Stored::new(berth_aws_api::ecs::DeploymentConfiguration {
                maximum_percent: Some(150),
                ..Default::default()
            });
        let all = (0..3).map(instance).collect();
        assert_eq!(look(tight, all, &[0, 0, 0]), None);
    }
}

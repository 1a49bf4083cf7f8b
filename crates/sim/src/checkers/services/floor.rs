//! A service ends no running task below its floor: the desired count's minimum healthy percentage, rounded up.
//! What fails by itself is no fault of it. A daemon's desired count is how many hosts it is to be on; from others its
//! tasks go, floor or not.

use std::collections::{BTreeMap, BTreeSet};

use berth_ecs::tables::Task;
use berth_model::{
    ContainerInstanceId, DesiredStatus, ServiceId, ServiceStatus, TaskStatus, Timestamp,
};

use super::super::{Checker, Sight};
use super::{Share, ended_by_its_service, hosts_of, shares, wanted, was_running, whole};
use crate::records::{Records, TaskChange, Wishes};

#[derive(Default)]
pub struct Floor {
    /// Of every daemon, the hosts that it was to be on after the latest commit.
    hosts: BTreeMap<ServiceId, BTreeSet<ContainerInstanceId>>,
}

impl Checker for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, before, changes } = sight else { return Ok(()) };
        let daemons = records.wishes.services.values().filter(|service| service.is_daemon());
        let hosts: BTreeMap<_, BTreeSet<_>> =
            daemons.map(|service| (service.id, hosts_of(records, service).collect())).collect();
        let known = std::mem::replace(&mut self.hosts, hosts);
        for task in changes.iter().filter_map(ended_by_its_service) {
            let Some(service) = task.service else { continue };
            // A commit may hold several transactions: what was asked for may have changed in between, and hosts
            // may have come and gone.
            let now: Option<&BTreeSet<_>> = self.hosts.get(&service);
            let both = now.map(|now| known.get(&service).map_or(now.clone(), |then| then & now));
            let on_its_host = |hosts: &BTreeSet<_>| {
                task.container_instance.is_some_and(|host| hosts.contains(&host))
            };
            if both.as_ref().is_some_and(|hosts| !on_its_host(hosts)) {
                continue;
            }
            let hosts = both.map(|hosts| hosts.len() as u32);
            let then = below(records, before, hosts, changes, task);
            let now = below(records, &records.wishes, hosts, changes, task);
            if let Some(below) = then.and(now) {
                return Err(below);
            }
        }
        Ok(())
    }
}

/// By how much the task's service has too few tasks without this one; a daemon is to be on so many hosts.
fn below(
    records: &Records,
    wishes: &Wishes,
    hosts: Option<u32>,
    changes: &[TaskChange],
    ended: &Task,
) -> Option<String> {
    let service = wishes.services.get(&ended.service?)?;
    if service.status != ServiceStatus::Active {
        return None;
    }
    let is_running = |task: &&Task| task.last_status == TaskStatus::Running;
    let left = |share: &Share| {
        let running = wanted(records, service.id).filter(is_running);
        // In the same commit others may have ended for reasons of their own, before or after.
        let failed =
            changes.iter().filter_map(failed).filter(|task| task.service == Some(service.id));
        running.chain(failed).filter(|task| share.has(task)).count()
    };
    let shares = match hosts {
        Some(hosts) => vec![whole(service, hosts)],
        None => shares(wishes, service),
    };
    let mut of_it = shares.iter().filter(|share| share.has(ended));
    of_it.find(|share| left(share) < share.least as usize).map(|share| {
        let (name, left, least) = (&service.name, left(share), share.least);
        let id = ended.id;
        format!("service {name} ended task {id} and has {left} left, below its floor of {least}")
    })
}

/// The task as it ran, if it has just ended without its service's doing.
fn failed(change: &TaskChange) -> Option<&Task> {
    let is_over = |after: &Task| {
        after.last_status != TaskStatus::Running || after.desired_status == DesiredStatus::Stopped
    };
    let before = was_running(change).filter(|_| ended_by_its_service(change).is_none())?;
    change.after.as_ref().is_none_or(is_over).then_some(before)
}

#[cfg(test)]
mod tests {
    use berth_ecs::tables::{ContainerInstance, Service};
    use berth_model::ContainerInstanceStatus;

    use super::*;
    use crate::checkers::specimens::{
        daemon, ended, failed, host, instance, records, service, task, wishes,
    };

    /// So many tasks run beside those that change.
    fn look(before: &Wishes, there: u8, changes: &[TaskChange]) -> Result<(), String> {
        let others = (10..10 + there).map(task).collect();
        let records = &records(wishes(service()), others, changes);
        Floor::default().see(&Sight::Commits { records, before, changes }, Timestamp::default())
    }

    /// The daemon was on four hosts, of which `gone` are none of its any more, and at least half are to be served.
    fn look_at_daemon(gone: &[u8], there: u8, changes: &[TaskChange]) -> Result<(), String> {
        let mut checker = Floor::default();
        let mut see = |instances, changes: &[TaskChange]| {
            let others = (4 - there..4).map(task).collect();
            let records = &Records { instances, ..records(wishes(daemon()), others, changes) };
            let sight = Sight::Commits { records, before: &records.wishes, changes };
            checker.see(&sight, Timestamp::default())
        };
        let all: BTreeMap<_, _> = (0..4).map(|number| (host(number), instance(number))).collect();
        see(all.clone(), &[]).expect("nothing has happened yet");
        let mut left = all;
        for number in gone {
            let drained = ContainerInstance {
                status: ContainerInstanceStatus::Draining,
                ..instance(*number)
            };
            left.insert(host(*number), drained);
        }
        see(left, changes)
    }

    #[test]
    fn a_task_ended_below_the_floor_is_seen() {
        let before = wishes(service());
        assert_eq!(look(&before, 2, &[ended(task(0))]), Ok(()));
        let seen = look(&before, 1, &[ended(task(0))]);
        assert!(seen.is_err_and(|text| text.contains("floor of 2")));
        assert!(look(&before, 1, &[ended(task(0)), ended(task(1))]).is_err());
    }

    #[test]
    fn a_daemon_ended_on_too_many_hosts_is_seen() {
        assert_eq!(look_at_daemon(&[], 2, &[ended(task(0)), ended(task(1))]), Ok(()));
        let seen = look_at_daemon(&[], 1, &[ended(task(0)), ended(task(1))]);
        assert!(seen.is_err_and(|text| text.contains("floor of 2")));
        assert_eq!(look_at_daemon(&[], 1, &[ended(task(0)), failed(task(1))]), Ok(()));
    }

    #[test]
    fn a_daemon_leaves_hosts_that_are_none_of_its_any_more() {
        assert_eq!(look_at_daemon(&[0, 1], 1, &[ended(task(0)), ended(task(1))]), Ok(()));
        // Of two hosts one is to be served.
        assert_eq!(look_at_daemon(&[0, 1], 1, &[ended(task(2))]), Ok(()));
        assert!(look_at_daemon(&[0, 1], 0, &[ended(task(2))]).is_err());
    }

    #[test]
    fn what_fails_by_itself_is_no_fault_of_the_service() {
        let before = wishes(service());
        assert_eq!(look(&before, 1, &[ended(task(0)), failed(task(1))]), Ok(()));
        assert_eq!(look(&before, 0, &[failed(task(0))]), Ok(()));
    }

    #[test]
    fn what_was_allowed_when_it_was_ended_is_no_fault() {
        let before = wishes(Service { desired_count: 1, ..service() });
        assert_eq!(look(&before, 1, &[ended(task(0))]), Ok(()));
    }
}

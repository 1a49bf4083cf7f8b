//! A service ends no running task below its floor: the desired count's minimum healthy percentage, rounded up.
//! What fails by itself is no fault of it.

use berth_ecs::tables::Task;
use berth_model::{DesiredStatus, ServiceId, ServiceStatus, TaskStatus, Timestamp};

use super::super::{Checker, Sight};
use super::{Share, ended_by_its_service, shares, wanted, was_running};
use crate::records::{Records, TaskChange, Wishes};

pub struct Floor;

impl Checker for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, before, changes } = sight else { return Ok(()) };
        for task in changes.iter().filter_map(ended_by_its_service) {
            let Some(service) = task.service else { continue };
            // A commit may hold several transactions: what was asked for may have changed in between.
            let then = below(records, before, changes, task, service);
            let now = below(records, &records.wishes, changes, task, service);
            if let Some(below) = then.and(now) {
                return Err(below);
            }
        }
        Ok(())
    }
}

/// By how much the service has too few tasks without this one.
fn below(
    records: &Records,
    wishes: &Wishes,
    changes: &[TaskChange],
    ended: &Task,
    service: ServiceId,
) -> Option<String> {
    let service = wishes.services.get(&service)?;
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
    let shares = shares(wishes, service);
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
    use berth_ecs::tables::Service;

    use super::*;
    use crate::checkers::specimens::{ended, failed, records, service, task, wishes};

    /// So many tasks run beside those that change.
    fn look(before: &Wishes, there: u8, changes: &[TaskChange]) -> Result<(), String> {
        let others = (10..10 + there).map(task).collect();
        let records = &records(wishes(service()), others, changes);
        Floor.see(&Sight::Commits { records, before, changes }, Timestamp::default())
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

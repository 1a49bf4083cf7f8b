//! A service that has what it wants starts and stops nothing any more. Looked at when nothing is broken any more, as
//! [`convergence`](super::convergence) is; that one cannot tell a service at rest from one that moves its tasks for ever.

use std::collections::BTreeMap;

use berth_model::{DesiredStatus, ServiceId, TaskId};

use crate::records::Records;

/// The tasks of services, and what each was meant to be.
#[derive(Clone)]
pub struct Ranks(BTreeMap<TaskId, (ServiceId, DesiredStatus)>);

impl Ranks {
    pub fn of(records: &Records) -> Self {
        let of_services = records.tasks.values().filter_map(|task| {
            task.service.map(|service| (task.id, (service, task.desired_status)))
        });
        Self(of_services.collect())
    }

    /// How many tasks have been started by then.
    pub fn started_by(&self, then: &Self) -> usize {
        then.0.keys().filter(|task| !self.0.contains_key(task)).count()
    }

    /// The first task that has been started or stopped by then. That a stopped one is forgotten is nothing new.
    pub fn stir(&self, then: &Self) -> Option<String> {
        then.0.iter().find_map(|(task, (service, meant))| match self.0.get(task) {
            None => Some(format!("service {service} starts task {task}, with nothing left to do")),
            Some((_, before)) if before != meant => {
                Some(format!("task {task} of service {service} is to be {meant} and was {before}"))
            }
            Some(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use berth_ecs::tables::Task;

    use super::*;
    use crate::checkers::specimens::{records, service, task, wishes};

    #[test]
    fn a_service_that_moves_its_tasks_for_ever_is_seen() {
        let with = |tasks: Vec<Task>| Ranks::of(&records(wishes(service()), tasks, &[]));
        let stopped = |number| Task { desired_status: DesiredStatus::Stopped, ..task(number) };
        let standalone = Task { service: None, ..task(3) };
        let before = with(vec![task(1), stopped(2)]);
        assert_eq!(before.stir(&with(vec![task(1), stopped(2)])), None);
        assert_eq!(before.stir(&with(vec![task(1), standalone])), None, "2 is forgotten");
        assert!(before.stir(&with(vec![task(1), task(4)])).is_some());
        assert!(before.stir(&with(vec![stopped(1), stopped(2)])).is_some());
        // As many as before, and yet others.
        let after = with(vec![stopped(1), task(5)]);
        assert!(before.stir(&after).is_some() && before.started_by(&after) == 1);
    }
}

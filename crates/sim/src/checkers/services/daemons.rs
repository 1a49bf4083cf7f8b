//! A daemon has never two tasks on one host.

use std::collections::BTreeSet;

use berth_model::Timestamp;

use super::super::{Checker, Sight};
use super::wanted;

pub struct Daemons;

impl Checker for Daemons {
    fn name(&self) -> &'static str {
        "daemons"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, .. } = sight else { return Ok(()) };
        for service in records.wishes.services.values().filter(|service| service.is_daemon()) {
            let mut taken = BTreeSet::new();
            let twice = wanted(records, service.id)
                .find(|task| task.container_instance.is_some_and(|host| !taken.insert(host)));
            if let Some(task) = twice {
                let name = &service.name;
                return Err(format!("daemon {name} has a second task on one host: {}", task.id));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use berth_ecs::tables::Task;

    use super::*;
    use crate::checkers::specimens::{daemon, host, records, service, task, wishes};

    #[test]
    fn a_second_task_on_a_host_is_seen() {
        let look = |service, tasks: Vec<Task>| {
            let records = &records(wishes(service), tasks, &[]);
            let before = &records.wishes;
            Daemons.see(&Sight::Commits { records, before, changes: &[] }, Timestamp::default())
        };
        let beside = Task { container_instance: Some(host(1)), ..task(2) };
        assert_eq!(look(daemon(), vec![task(1), task(2)]), Ok(()));
        assert!(look(daemon(), vec![task(1), beside.clone()]).is_err());
        assert_eq!(look(service(), vec![task(1), beside]), Ok(()));
    }
}

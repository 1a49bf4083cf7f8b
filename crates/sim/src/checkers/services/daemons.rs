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
        for service in records.services.values().filter(|service| service.is_daemon()) {
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

//! distinctInstance holds: a service that asks for it has never two tasks on one host.

use std::collections::BTreeSet;

use berth_model::Timestamp;

use super::super::{Checker, Sight};
use super::wanted;

pub struct Distinct;

impl Checker for Distinct {
    fn name(&self) -> &'static str {
        "distinct"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, .. } = sight else { return Ok(()) };
        for service in records.services.values() {
            let mut kinds =
                service.placement_constraints.iter().filter_map(|given| given.r#type.as_ref());
            if !kinds.any(|kind| kind.as_str() == "distinctInstance") {
                continue;
            }
            let mut taken = BTreeSet::new();
            let twice = wanted(records, service.id)
                .find(|task| task.container_instance.is_some_and(|host| !taken.insert(host)));
            if let Some(task) = twice {
                return Err(format!(
                    "service {} wants its tasks apart, and task {} is beside another",
                    service.name, task.id
                ));
            }
        }
        Ok(())
    }
}

//! distinctInstance holds: a service that asks for it puts no task on a host that has another. What was there before
//! it asked may stay.

use berth_ecs::tables::Service;
use berth_model::Timestamp;

use super::super::{Checker, Sight};
use super::{placed, wanted};

pub struct Distinct;

impl Checker for Distinct {
    fn name(&self) -> &'static str {
        "distinct"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, before, changes } = sight else { return Ok(()) };
        for (id, service) in &records.wishes.services {
            // A commit may hold several transactions: it may be that it asks only since.
            let asked = before.services.get(id).is_some_and(wants_hosts_apart);
            if !asked || !wants_hosts_apart(service) {
                continue;
            }
            for task in placed(changes, *id) {
                let is_beside = wanted(records, *id).any(|other| {
                    other.id != task.id && other.container_instance == task.container_instance
                });
                if is_beside {
                    return Err(format!(
                        "service {} wants its tasks apart, and task {} is beside another",
                        service.name, task.id
                    ));
                }
            }
        }
        Ok(())
    }
}

fn wants_hosts_apart(service: &Service) -> bool {
    let mut kinds = service.placement_constraints.iter().filter_map(|given| given.r#type.as_ref());
    kinds.any(|kind| kind.as_str() == "distinctInstance")
}

#[cfg(test)]
mod tests {
    use berth_ecs::tables::Task;

    use super::*;
    use crate::checkers::specimens::{apart, host, records, service, started, task, wishes};

    #[test]
    fn a_task_put_beside_another_is_seen() {
        let look = |before, after, put: Task| {
            let changes = [started(put)];
            let records = &records(wishes(after), vec![task(1)], &changes);
            let sight = Sight::Commits { records, before: &wishes(before), changes: &changes };
            Distinct.see(&sight, Timestamp::default())
        };
        let beside = Task { container_instance: Some(host(1)), ..task(2) };
        assert_eq!(look(apart(), apart(), task(2)), Ok(()));
        assert!(look(apart(), apart(), beside.clone()).is_err());
        assert_eq!(look(service(), apart(), beside), Ok(()), "it asks only since");
    }
}

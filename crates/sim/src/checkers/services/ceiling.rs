//! A service starts no task above its ceiling: the desired count's maximum percentage, rounded down.

use std::collections::BTreeSet;

use berth_ecs::tables::Task;
use berth_model::{ServiceId, TaskSetId, Timestamp};

use super::super::{Checker, Sight};
use super::{shares, wanted};
use crate::records::{Records, Wishes};

pub struct Ceiling;

impl Checker for Ceiling {
    fn name(&self) -> &'static str {
        "ceiling"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, before, changes } = sight else { return Ok(()) };
        let new = changes.iter().filter(|change| change.before.is_none());
        let started: BTreeSet<_> = new
            .filter_map(|change| change.after.as_ref())
            .filter_map(|task: &Task| Some((task.service?, task.deployment?)))
            .collect();
        for (service, deployment) in started {
            // A commit may hold several transactions: what was asked for may have changed in between.
            let then = above(records, before, service, deployment);
            if let Some(above) = then.and(above(records, &records.wishes, service, deployment)) {
                return Err(above);
            }
        }
        Ok(())
    }
}

/// By how much the service has too many tasks beside those just started for this deployment.
fn above(
    records: &Records,
    wishes: &Wishes,
    service: ServiceId,
    deployment: TaskSetId,
) -> Option<String> {
    let (service, now) = (wishes.services.get(&service)?, records.wishes.services.get(&service)?);
    let there =
        |share: &super::Share| wanted(records, now.id).filter(|task| share.has(task)).count();
    shares(wishes, service)
        .iter()
        .filter(|share| share.of.is_none_or(|of| of == deployment))
        .find(|share| there(share) > share.most as usize)
        .map(|share| {
            let (name, there, most) = (&service.name, there(share), share.most);
            format!("service {name} started tasks and has {there}, above its ceiling of {most}")
        })
}

#[cfg(test)]
mod tests {
    use berth_aws_api::ecs::DeploymentStrategy;
    use berth_ecs::tables::Service;
    use berth_model::DeploymentController;

    use super::*;
    use crate::checkers::specimens::{
        deployment, records, service, started, task, task_set, wishes,
    };

    /// As many tasks as `there` are, and one more that has just been started.
    fn look(before: &Wishes, after: Wishes, there: u8) -> Result<(), String> {
        let changes = [started(task(0))];
        let records = &records(after, (1..=there).map(task).collect(), &changes);
        let sight = Sight::Commits { records, before, changes: &changes };
        Ceiling.see(&sight, Timestamp::default())
    }

    #[test]
    fn a_task_above_the_ceiling_is_seen() {
        let wishes = wishes(service());
        assert_eq!(look(&wishes, wishes.clone(), 5), Ok(()));
        assert!(look(&wishes, wishes.clone(), 6).is_err_and(|text| text.contains("ceiling of 6")));
    }

    #[test]
    fn what_was_allowed_when_it_was_started_is_no_fault() {
        let more = wishes(Service { desired_count: 9, ..service() });
        assert_eq!(look(&more, wishes(service()), 6), Ok(()));
    }

    #[test]
    fn a_deployment_beside_another_has_a_ceiling_of_its_own() {
        let mut wishes = wishes(service());
        let row = deployment(DeploymentStrategy::BlueGreen);
        wishes.deployments.insert((row.service, row.number), row);
        assert_eq!(look(&wishes, wishes.clone(), 7), Ok(()));
        assert!(look(&wishes, wishes.clone(), 8).is_err_and(|text| text.contains("ceiling of 8")));
    }

    #[test]
    fn a_task_set_has_a_ceiling_of_its_own() {
        let mut wishes =
            wishes(Service { controller: DeploymentController::External, ..service() });
        wishes.task_sets.insert((task_set().service, task_set().id), task_set());
        assert_eq!(look(&wishes, wishes.clone(), 3), Ok(()));
        assert!(look(&wishes, wishes.clone(), 4).is_err_and(|text| text.contains("ceiling of 4")));
    }
}

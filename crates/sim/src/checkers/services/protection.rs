//! A task that is protected is ended neither by a deployment nor by scaling. Daemons are not scaled: what becomes of
//! their tasks their hosts decide.

use berth_model::{ServiceStatus, Timestamp};

use super::super::{Checker, Sight};
use super::ended_by_its_service;

pub struct Protection;

impl Checker for Protection {
    fn name(&self) -> &'static str {
        "protection"
    }

    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, changes, .. } = sight else { return Ok(()) };
        for task in changes.iter().filter_map(ended_by_its_service) {
            let service = task.service.and_then(|id| records.wishes.services.get(&id));
            let Some(service) = service else { continue };
            let keeps = service.status == ServiceStatus::Active && !service.is_daemon();
            if keeps && let Some(until) = task.protected_until.filter(|until| *until > now) {
                return Err(format!(
                    "service {} ended task {}, which is protected until {until}",
                    service.name, task.id
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use berth_ecs::tables::Task;

    use super::*;
    use crate::checkers::specimens::{ended, failed, records, service, task, wishes};

    #[test]
    fn the_end_of_a_protected_task_is_seen() {
        let now = Timestamp::from_millis(1_000);
        let look = |change| {
            let changes = [change];
            let records = &records(wishes(service()), vec![], &changes);
            let sight = Sight::Commits { records, before: &records.wishes, changes: &changes };
            Protection.see(&sight, now)
        };
        let until = |until| Task { protected_until: until, ..task(1) };
        let later = now + Duration::from_secs(1);
        assert!(look(ended(until(Some(later)))).is_err());
        assert_eq!(look(ended(until(Some(now)))), Ok(()));
        assert_eq!(look(ended(until(None))), Ok(()));
        assert_eq!(look(failed(until(Some(later)))), Ok(()));
    }
}

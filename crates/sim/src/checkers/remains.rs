//! A stopped task leaves nothing that runs: room that was given back is really free. Of a task that was ended with its
//! host nobody can know; what is left of it is gone when everything has come to rest.

use std::collections::BTreeSet;

use berth_model::{TaskId, TaskStatus, Timestamp};

use super::lost::ended_with_its_host;
use super::{Checker, Sight};

#[derive(Default)]
pub(super) struct Remains {
    lost: BTreeSet<TaskId>,
}

impl Checker for Remains {
    fn name(&self) -> &'static str {
        "remains"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        if let Sight::Records(records) = sight {
            let lost = records.tasks.values().filter(|task| ended_with_its_host(task, records));
            self.lost.extend(lost.map(|task| task.id));
        }
        let Sight::Hosts { records, hosts } = sight else { return Ok(()) };
        for host in *hosts {
            for running in &host.running {
                let task = running.task.and_then(|id| records.tasks.get(&id));
                let Some(task) = task else {
                    return Err(format!(
                        "{} runs on host-{} for a task without a record",
                        running.name, host.number
                    ));
                };
                if task.last_status == TaskStatus::Stopped && !self.lost.contains(&task.id) {
                    return Err(format!(
                        "task {} is STOPPED and {} runs on host-{}",
                        task.id, running.name, host.number
                    ));
                }
            }
        }
        Ok(())
    }
}

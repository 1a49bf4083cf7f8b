//! A stopped task leaves nothing that runs: room that was given back is really free.

use berth_model::{TaskStatus, Timestamp};

use super::{Checker, Sight};

pub(super) struct Remains;

impl Checker for Remains {
    fn name(&self) -> &'static str {
        "remains"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
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
                if task.last_status == TaskStatus::Stopped {
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

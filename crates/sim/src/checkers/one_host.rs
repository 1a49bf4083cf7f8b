//! A task runs once: on the host that the records name, and each of its containers there at most once.

use std::collections::BTreeSet;

use berth_model::Timestamp;

use super::{Checker, Sight};
use crate::records::{Records, host_of};
use crate::scene::Running;

pub(super) struct OneHost;

impl Checker for OneHost {
    fn name(&self) -> &'static str {
        "one host"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Hosts { records, hosts } = sight else { return Ok(()) };
        let mut seen = BTreeSet::new();
        for host in *hosts {
            for running in &host.running {
                check_place(records, host.number, running)?;
                if !seen.insert((running.task, &running.container)) {
                    return Err(format!("{} runs twice", running.name));
                }
            }
        }
        Ok(())
    }
}

fn check_place(records: &Records, host: usize, running: &Running) -> Result<(), String> {
    let Some(id) = running.task else {
        return Err(format!("{} on host-{host} belongs to no task", running.name));
    };
    // A task without a record is another rule's matter.
    let Some(task) = records.tasks.get(&id) else { return Ok(()) };
    let instance = task.container_instance.and_then(|id| records.instances.get(&id));
    match instance.and_then(host_of) {
        Some(meant) if meant == host => Ok(()),
        meant => Err(format!("{} runs on host-{host} and was meant for {meant:?}", running.name)),
    }
}

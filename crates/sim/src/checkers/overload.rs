//! No host runs more than it has, whatever the records say.

use berth_model::Timestamp;

use super::{Checker, Sight};

pub(super) struct Overload;

impl Checker for Overload {
    fn name(&self) -> &'static str {
        "overload"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Hosts { hosts, .. } = sight else { return Ok(()) };
        for host in *hosts {
            let cpu = host.running.iter().map(|running| running.cpu_units).sum::<u64>();
            let memory = host.running.iter().map(|running| running.memory_mib).sum::<u64>();
            if cpu > host.cpu_units || memory > host.memory_mib {
                return Err(format!(
                    "host-{} has {} CPU units and {} MiB, and its {} containers may use {cpu} and {memory}",
                    host.number,
                    host.cpu_units,
                    host.memory_mib,
                    host.running.len(),
                ));
            }
        }
        Ok(())
    }
}

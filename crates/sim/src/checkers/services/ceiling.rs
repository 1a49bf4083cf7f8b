//! A service starts no task above its ceiling: the desired count's maximum percentage, rounded down.

use std::collections::BTreeSet;

use berth_model::Timestamp;

use super::super::{Checker, Sight};
use super::{both, percent, wanted};

pub struct Ceiling;

impl Checker for Ceiling {
    fn name(&self) -> &'static str {
        "ceiling"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        let Sight::Commits { records, services, changes } = sight else { return Ok(()) };
        let started: BTreeSet<_> = changes
            .iter()
            .filter(|change| change.before.is_none())
            .filter_map(|change| change.after.as_ref()?.service)
            .collect();
        for id in started {
            let Some((before, after)) = both(records, services, id) else { continue };
            // How many hosts a daemon has is another rule's business.
            if after.is_daemon() {
                continue;
            }
            // A commit may hold several transactions: what was asked for may have changed in between.
            let ceiling = [before, after].map(|service| {
                percent(
                    service.desired_count,
                    service.deployment_configuration.maximum_percent,
                    200,
                )
                .0
            });
            let (most, there) = (ceiling[0].max(ceiling[1]), wanted(records, id).count());
            if there > most as usize {
                return Err(format!(
                    "service {} started tasks and has {there}, above its ceiling of {most}",
                    after.name
                ));
            }
        }
        Ok(())
    }
}

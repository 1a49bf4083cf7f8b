//! Health checks: finds out which targets can be used, and says what changed.
//!
//! Each target of a group has one task, which sleeps most of the time and is gone as soon as the target is. What it finds goes
//! to the group at once, and to whoever reports in [`Findings`], where what changes together is told together.
//! Start with `verdict.rs`, what follows from an answer; `probe.rs` is how one is asked.

mod check;
mod findings;
mod probe;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use berth_proxy_protocol::{HealthCheck, HealthState, TargetGroup};
use tokio_util::task::AbortOnDropHandle;

use check::Check;
pub use findings::Findings;
use probe::Probe;

use crate::group::{Groups, TargetIdentity};

/// First checks are this far apart, so that ten thousand of them neither begin at once nor go on together.
const SPREAD: Duration = Duration::from_millis(1);

/// All checks that go on.
#[derive(Default)]
pub struct Checks {
    running: Mutex<BTreeMap<(String, TargetIdentity), Running>>,
    findings: Findings,
}

struct Running {
    /// What is done and to whom: as long as this is wanted, the task goes on.
    about: (HealthCheck, Probe),
    _task: AbortOnDropHandle<()>,
}

impl Checks {
    /// From now on the targets of these groups are checked, and no others. Groups have to be applied before.
    pub fn apply(&self, configs: &[TargetGroup], groups: &Groups) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut old = std::mem::take(&mut *running);
        let mut delay = Duration::ZERO;
        for config in configs {
            let (Some(health_check), Some(group)) = (&config.health_check, groups.get(&config.arn))
            else {
                continue;
            };
            for target in config.targets.iter().filter(|target| !target.is_draining) {
                let identity = TargetIdentity::of(&target.id, target.port);
                let key = (config.arn.clone(), identity);
                let port = health_check.port.unwrap_or(target.port);
                let address = SocketAddr::new(target.address, port);
                let about = (health_check.clone(), Probe::new(config, health_check, address));
                let known = old.remove(&key);
                if let Some(known) = known
                    && known.about == about
                {
                    running.insert(key, known);
                    continue;
                }
                let check = Check {
                    group: group.clone(),
                    identity,
                    target: (target.id.clone(), target.port),
                    interval: Duration::from_secs(u64::from(health_check.interval_seconds)),
                    timeout: Duration::from_secs(u64::from(health_check.timeout_seconds)),
                    probe: about.1.clone(),
                    findings: self.findings.clone(),
                };
                // One that is checked in another way now is as healthy as it was until that tells.
                let state = group.health_of(identity).unwrap_or(HealthState::Initial);
                let verdict = check.verdict(health_check, state);
                self.findings.begin(identity, check.finding(&verdict));
                let task = tokio::spawn(check.run(verdict, delay));
                running.insert(key, Running { about, _task: AbortOnDropHandle::new(task) });
                delay += SPREAD;
            }
        }
        for (arn, identity) in old.into_keys() {
            self.findings.forget(&arn, identity);
        }
    }

    /// What was found, and when there is more.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// How many targets are checked.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

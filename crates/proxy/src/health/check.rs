//! The checks of one target, one after the other.

use std::sync::Arc;
use std::time::Duration;

use berth_proxy_protocol::{GroupProtocol, HealthCheck, HealthState, TargetHealth};
use tokio::time::{Instant, MissedTickBehavior};

use super::findings::Findings;
use super::probe::{Failure, Probe};
use super::verdict::{Thresholds, Verdict};
use crate::group::{Group, TargetIdentity};

pub(super) struct Check {
    pub(super) group: Arc<Group>,
    pub(super) identity: TargetIdentity,
    /// As it was registered.
    pub(super) target: (String, u16),
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) probe: Probe,
    pub(super) findings: Findings,
}

impl Check {
    /// What is known before the first answer.
    pub(super) fn verdict(&self, check: &HealthCheck, known: HealthState) -> Verdict {
        let thresholds = Thresholds {
            healthy: check.healthy_threshold,
            unhealthy: check.unhealthy_threshold,
            names_failures: matches!(
                self.group.config().protocol,
                GroupProtocol::Http | GroupProtocol::Https
            ),
        };
        Verdict::new(thresholds, known)
    }

    pub(super) fn finding(&self, verdict: &Verdict) -> TargetHealth {
        let (reason, description) = verdict.reason().unzip();
        TargetHealth {
            group: self.group.config().arn.clone(),
            target: self.target.0.clone(),
            port: self.target.1,
            state: verdict.state(),
            reason,
            description,
        }
    }

    /// Goes on until it is aborted.
    pub(super) async fn run(self, mut verdict: Verdict, delay: Duration) {
        let mut turns = tokio::time::interval_at(Instant::now() + delay, self.interval);
        let mut told = verdict.state();
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            let answer = tokio::time::timeout(self.timeout, self.probe.ask()).await;
            verdict.note(answer.unwrap_or(Err(Failure::Timeout)));
            if verdict.state() != told {
                told = verdict.state();
                self.group.set_health(self.identity, told, Instant::now());
            }
            self.findings.found(self.identity, self.finding(&verdict));
        }
    }
}

//! What follows from the answers of one target: its state, and why.
//!
//! AWS: the first good answer makes a new target healthy, whatever the threshold; it takes as many bad ones as the threshold
//! says to make it unhealthy.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use berth_proxy_protocol::{HealthReason, HealthState};

use super::probe::{Answer, Failure};

/// How many codes a description has at most.
const MOST_CODES: usize = 10;

#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    pub(super) healthy: u32,
    pub(super) unhealthy: u32,
    /// NLB: all failures are one and the same.
    pub(super) names_failures: bool,
}

#[derive(Debug)]
pub(super) struct Verdict {
    thresholds: Thresholds,
    state: HealthState,
    /// Answers in a row that speak for the other state.
    against: u32,
    /// The latest failures of this row, at most as many as the threshold.
    failures: Vec<Failure>,
}

impl Verdict {
    pub(super) fn new(thresholds: Thresholds, state: HealthState) -> Self {
        Self { thresholds, state, against: 0, failures: Vec::new() }
    }

    pub(super) fn note(&mut self, answer: Answer) {
        let is_good = answer.is_ok();
        match answer {
            Err(failure) => self.remember(failure),
            // Why a target is unhealthy is told for as long as it is.
            Ok(()) if self.state != HealthState::Unhealthy => self.failures.clear(),
            Ok(()) => {}
        }
        let threshold = match (self.state, is_good) {
            (HealthState::Healthy, true) | (HealthState::Unhealthy, false) => {
                self.against = 0;
                return;
            }
            (HealthState::Initial, true) => 1,
            (_, true) => self.thresholds.healthy,
            (_, false) => self.thresholds.unhealthy,
        };
        self.against += 1;
        if self.against >= threshold {
            self.against = 0;
            self.state = if is_good { HealthState::Healthy } else { HealthState::Unhealthy };
            if is_good {
                self.failures.clear();
            }
        }
    }

    pub(super) fn state(&self) -> HealthState {
        self.state
    }

    /// ELB's reason and its words for it.
    pub(super) fn reason(&self) -> Option<(HealthReason, String)> {
        let failed = (HealthReason::FailedHealthChecks, "Health checks failed".to_owned());
        match self.state {
            HealthState::Healthy => None,
            HealthState::Initial => Some((
                HealthReason::InitialHealthChecking,
                "Initial health checks in progress".to_owned(),
            )),
            HealthState::Unhealthy if !self.thresholds.names_failures => Some(failed),
            HealthState::Unhealthy => Some(match self.failures.last() {
                Some(Failure::Code(_)) => (
                    HealthReason::ResponseCodeMismatch,
                    format!("Health checks failed with these codes: [{}]", self.codes()),
                ),
                Some(Failure::Timeout) => (HealthReason::Timeout, "Request timed out".to_owned()),
                Some(Failure::Broken) | None => failed,
            }),
        }
    }

    fn remember(&mut self, failure: Failure) {
        let most = (self.thresholds.unhealthy as usize).clamp(1, MOST_CODES);
        if self.failures.len() >= most {
            self.failures.remove(0);
        }
        self.failures.push(failure);
    }

    fn codes(&self) -> String {
        let code = |failure: &Failure| match failure {
            Failure::Code(code) => Some(code.to_string()),
            Failure::Timeout | Failure::Broken => None,
        };
        let codes: BTreeSet<String> = self.failures.iter().filter_map(code).collect();
        codes.into_iter().collect::<Vec<_>>().join(", ")
    }
}

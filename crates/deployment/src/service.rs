//! A service as it is seen: what its owner wants, and what there is.

use std::time::Duration;

use berth_model::{DeploymentController, SchedulingStrategy, ServiceStatus};

use crate::deployment::Deployment;
use crate::memory::Memory;
use crate::percent::{Bounds, percent_of};
use crate::task::{Host, Task, Zone};

#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub status: ServiceStatus,
    pub scheduling: SchedulingStrategy,
    pub controller: DeploymentController,
    /// Of no meaning for a daemon.
    pub desired_count: u32,
    pub bounds: Bounds,
    pub circuit_breaker: CircuitBreaker,
    pub alarms: Alarms,
    /// How long a deployment is watched after all its tasks run.
    pub bake_time: Duration,
    pub early_success: Option<EarlySuccess>,
    /// How long a task without a health check must be RUNNING to count as healthy.
    pub warm_up: Duration,
    /// How long after its start a task may be UNHEALTHY with impunity.
    pub health_grace: Duration,
    /// Whether listener rules can shift requests from one deployment to another.
    pub shifts_traffic: bool,
    /// Whether zones with too many tasks give some to those with too few.
    pub zone_rebalancing: bool,
    /// Zones in which the service could have tasks. Only rebalancing looks at them.
    pub zones: Vec<Zone>,
    pub memory: Memory,
    /// In any order. At most one is the primary one.
    pub deployments: Vec<Deployment>,
    pub tasks: Vec<Task>,
    /// For a daemon, every instance of the cluster.
    pub hosts: Vec<Host>,
}

impl Service {
    /// AWS: what ECS waits (API reference, DeploymentConfiguration).
    pub const WARM_UP: Duration = Duration::from_secs(40);
}

/// When a deployment has failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreaker {
    pub enabled: bool,
    pub rollback: bool,
    /// Whether a task that becomes healthy makes earlier failures forgotten.
    pub reset_on_healthy_task: bool,
    pub threshold: Threshold,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        CircuitBreaker {
            enabled: false,
            rollback: false,
            reset_on_healthy_task: true,
            threshold: Threshold::BoundedPercent(50),
        }
    }
}

/// How many failures are too many (API reference, ThresholdConfiguration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    Count(u32),
    /// Percent of the desired count, held between 3 and 200.
    BoundedPercent(u32),
    UnboundedPercent(u32),
}

impl Threshold {
    /// For a service of that many tasks; at least one, since no failure is not a failure.
    pub fn failures(self, desired: u32) -> u32 {
        match self {
            Threshold::Count(count) => count.max(1),
            Threshold::BoundedPercent(percent) => percent_of(desired, percent, 99).clamp(3, 200),
            Threshold::UnboundedPercent(percent) => percent_of(desired, percent, 99).max(1),
        }
    }
}

/// Alarms that can fail a deployment. Who evaluates them is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alarms {
    pub enabled: bool,
    pub rollback: bool,
    pub state: AlarmState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlarmState {
    #[default]
    Unknown,
    Quiet,
    Firing,
}

/// When a rolling deployment counts as successful before every task is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlySuccess {
    /// Of the desired count.
    pub healthy_percent: u32,
    /// Whether the tasks of other deployments have to be gone.
    pub after_cleanup: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the developer guide, deployment-circuit-breaker, with today's lower bound.
    #[test]
    fn the_threshold_is_half_the_desired_count_within_bounds() {
        let threshold = CircuitBreaker::default().threshold;
        for (desired, failures) in [(0, 3), (1, 3), (7, 4), (25, 13), (400, 200), (800, 200)] {
            assert_eq!(threshold.failures(desired), failures);
        }
        assert_eq!(Threshold::UnboundedPercent(50).failures(1), 1);
        assert_eq!(Threshold::UnboundedPercent(200).failures(800), 1600);
        assert_eq!(Threshold::Count(2).failures(800), 2);
    }
}

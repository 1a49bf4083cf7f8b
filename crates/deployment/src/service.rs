//! A service as it is seen: what its owner wants, and what there is.

use std::time::Duration;

use berth_model::{DeploymentController, SchedulingStrategy, ServiceStatus};

use crate::deployment::Deployment;
use crate::memory::Memory;
use crate::percent::Bounds;
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
    /// How long after its start a task may be UNHEALTHY with impunity.
    pub health_grace: Duration,
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

/// When a deployment has failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreaker {
    pub enabled: bool,
    pub rollback: bool,
    /// Whether a task that becomes healthy makes earlier failures forgotten.
    pub reset_on_healthy_task: bool,
    pub threshold: Threshold,
}

/// How many failures are too many (API reference, ThresholdConfiguration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    Count(u32),
    /// Percent of the desired count, held between 3 and 200.
    BoundedPercent(u32),
    UnboundedPercent(u32),
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

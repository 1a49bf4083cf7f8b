//! What to do about a service, and the order in which that is decided.

use std::fmt;

use berth_model::{
    ContainerInstanceId, SchedulingStrategy, ServiceStatus, TaskId, TaskSetId, Timestamp,
};

use crate::census::Census;
use crate::deployment::Progress;
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::Explanation;
use crate::memory::Memory;
use crate::service::Service;
use crate::task::Zone;
use crate::{replica, settle};

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub start: Vec<Start>,
    pub stop: Vec<Stop>,
    /// Those that change, as they are to be kept.
    pub deployments: Vec<(TaskSetId, Progress)>,
    /// Deployments that the service no longer has.
    pub removed: Vec<TaskSetId>,
    /// What to remember, if it changes.
    pub memory: Option<Memory>,
    /// If it changes.
    pub status: Option<ServiceStatus>,
    /// Stopped tasks that need not be shown again.
    pub accounted: Vec<TaskId>,
    /// In the order in which they are to be told.
    pub events: Vec<Event>,
    /// When to plan again even if nothing has changed by then.
    pub ask_again_at: Option<Timestamp>,
    pub explanation: Explanation,
}

/// Tasks to start for one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub deployment: TaskSetId,
    pub count: u32,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Wherever the scheduler finds best.
    Anywhere,
    /// In this zone or not at all.
    Zone(Zone),
    /// On this instance or not at all.
    Instance(ContainerInstanceId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub task: TaskId,
    pub why: StopReason,
}

/// Why a task is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopReason {
    /// Its deployment has more tasks than it should.
    Scaling(TaskSetId),
    /// A container of it failed its health checks.
    Unhealthy,
    /// Its instance is draining.
    InstanceDraining,
    /// Its service was deleted.
    ServiceDeleted,
}

impl StopReason {
    /// The task's `stoppedReason`.
    pub fn render(self) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            StopReason::Scaling(deployment) => {
                write!(f, "Scaling activity initiated by (deployment {deployment})")
            }
            StopReason::Unhealthy => f.write_str("Task failed container health checks"),
            StopReason::InstanceDraining => {
                f.write_str("Task stopped because its container instance is draining")
            }
            StopReason::ServiceDeleted => f.write_str("Service was deleted"),
        })
    }
}

impl Plan {
    /// Whether there is nothing to do. To be asked again later is nothing to do now.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
            && self.stop.is_empty()
            && self.deployments.is_empty()
            && self.removed.is_empty()
            && self.memory.is_none()
            && self.status.is_none()
            && self.accounted.is_empty()
            && self.events.is_empty()
    }
}

/// What to do about `service` now.
pub fn plan(service: &Service, now: Timestamp) -> Plan {
    let mut draft = Draft::new(service, now);
    let census = Census::take(service, now);
    draft.account_for(&census);
    match (service.status, service.scheduling) {
        (ServiceStatus::Active, SchedulingStrategy::Replica) => {
            replica::roll(&mut draft, &census);
            settle::settle(&mut draft, &census);
        }
        (ServiceStatus::Active, SchedulingStrategy::Daemon) => {}
        (ServiceStatus::Draining | ServiceStatus::Inactive, _) => {
            settle::wind_up(&mut draft, &census)
        }
    }
    draft.finish()
}

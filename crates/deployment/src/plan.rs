//! What to do about a service, and the order in which that is decided.

use std::fmt;

use berth_model::{
    ContainerInstanceId, DeploymentController, SchedulingStrategy, ServiceStatus, TaskId,
    TaskSetId, Timestamp,
};

use crate::census::Census;
use crate::deployment::Progress;
use crate::draft::Draft;
use crate::event::Event;
use crate::explanation::{Explanation, Note};
use crate::memory::Memory;
use crate::service::Service;
use crate::stage::LifecycleStage;
use crate::task::Zone;
use crate::{daemon, external, failures, replica, rollout, settle, staged, traffic, zones};

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub start: Vec<Start>,
    pub stop: Vec<Stop>,
    /// Functions to call; their answers go to [`answer_hook`](crate::answer_hook).
    pub hooks: Vec<HookCall>,
    /// Those that change, as they are to be kept; also of removed ones, as they are to be remembered.
    pub deployments: Vec<(TaskSetId, Progress)>,
    /// Deployments that the service no longer has. What became of them in the end is in `deployments` still.
    pub removed: Vec<TaskSetId>,
    /// What to remember, if it changes.
    pub memory: Option<Memory>,
    /// If it changes.
    pub status: Option<ServiceStatus>,
    /// Stopped tasks that need not be shown again.
    pub accounted: Vec<TaskId>,
    /// In the order in which they are to be told, after those of the tasks started.
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
    /// How many of them take the place of unhealthy tasks.
    pub replacing_unhealthy: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Wherever the scheduler finds best.
    Anywhere,
    /// In one of these zones or not at all.
    Zones(Vec<Zone>),
    /// One on each of these instances or not at all.
    Instances(Vec<ContainerInstanceId>),
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
    /// Its zone has more tasks than others.
    Rebalancing(TaskSetId),
    /// A container of it failed its health checks.
    Unhealthy,
    /// Its instance is draining.
    InstanceDraining,
    /// Its instance no longer satisfies the placement constraints.
    ConstraintViolated,
    /// Its service was deleted.
    ServiceDeleted,
}

/// A function to call for a stage of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookCall {
    pub deployment: TaskSetId,
    /// Index among the deployment's hooks.
    pub hook: u32,
    pub stage: LifecycleStage,
}

impl Start {
    /// The event about tasks that were started for it.
    pub fn told(&self, controller: DeploymentController, tasks: Vec<TaskId>) -> Event {
        let has_task_sets = controller != DeploymentController::Ecs;
        let task_set = has_task_sets.then_some(self.deployment);
        let zone = match &self.place {
            Place::Zones(zones) => Some(Zone::from(zones.join(", "))),
            Place::Anywhere | Place::Instances(_) => None,
        };
        let replacing_unhealthy = self.replacing_unhealthy.min(tasks.len() as u32);
        Event::TasksStarted { task_set, tasks, zone, replacing_unhealthy }
    }
}

/// Which zones count as full once one deployment's starts were tried, each with how many tasks found no place.
///
/// A zone is full until it is tried again: one that was forgotten while another is tried would be open the next time, and the
/// two would take turns for ever.
pub fn full_zones<'s>(
    before: &[Zone],
    tried: impl IntoIterator<Item = (&'s Place, u32)>,
) -> Vec<Zone> {
    let mut tried = tried.into_iter().peekable();
    if tried.peek().is_none() {
        return Vec::new();
    }
    let mut full = before.to_vec();
    for (place, left) in tried {
        // What found no place anywhere needs room, not another zone.
        let Place::Zones(zones) = place else { return Vec::new() };
        full.retain(|zone| !zones.contains(zone));
        if left > 0 {
            full.extend(zones.iter().cloned());
        }
    }
    full.sort();
    full
}

impl StopReason {
    /// The task's `stoppedReason`.
    pub fn render(self) -> impl fmt::Display {
        fmt::from_fn(move |f| match self {
            StopReason::Scaling(deployment) | StopReason::Rebalancing(deployment) => {
                write!(f, "Scaling activity initiated by (deployment {deployment})")
            }
            StopReason::Unhealthy => f.write_str("Task failed container health checks"),
            StopReason::InstanceDraining => {
                f.write_str("Task stopped because its container instance is draining")
            }
            StopReason::ConstraintViolated => f.write_str(
                "Task stopped because its container instance no longer satisfies the placement \
                 constraints",
            ),
            StopReason::ServiceDeleted => {
                f.write_str("Task stopped because its service was deleted")
            }
        })
    }
}

impl Plan {
    /// Whether there is nothing to do. To be asked again later is nothing to do now.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
            && self.stop.is_empty()
            && self.hooks.is_empty()
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
    if let Some(at) = census.next_change {
        draft.ask_again(at);
    }
    failures::account_for(&mut draft, &census);
    match (service.status, service.controller) {
        (ServiceStatus::Draining | ServiceStatus::Inactive, _) => {
            settle::wind_up(&mut draft, &census);
        }
        (ServiceStatus::Active, DeploymentController::Ecs) => {
            deploy(&mut draft, &census);
            failures::tell_of_throttle(&mut draft);
        }
        (
            ServiceStatus::Active,
            DeploymentController::External | DeploymentController::CodeDeploy,
        ) => {
            external::keep_sets(&mut draft, &census);
            failures::tell_of_throttle(&mut draft);
        }
    }
    draft.memory.desired_count = Some(service.desired_count);
    draft.finish()
}

fn deploy(draft: &mut Draft<'_>, census: &Census<'_>) {
    rollout::judge(draft);
    let Some(primary) = draft.primary() else {
        draft.note(Note::NoPrimary);
        return;
    };
    zones::give_way(draft, census, primary);
    match draft.service.scheduling {
        SchedulingStrategy::Daemon => daemon::keep_everywhere(draft, census, primary),
        SchedulingStrategy::Replica => {
            if !staged::advance(draft, census, primary) {
                replica::roll(draft, census, primary);
            }
        }
    }
    settle::settle(draft, census, primary);
    traffic::share_out(draft, census, primary);
}

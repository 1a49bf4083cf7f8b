//! What happened to a service, in ECS's words.
//!
//! AWS: developer guide, service-event-messages-list, ecs_service_events and track-service-rebalancing; of task sets the
//! CLI's reference, describe-services, and what services of CODE_DEPLOY were seen to say: a set is named where its tasks are
//! started, and not where some are stopped.
//! How many are kept, and for how long, is the caller's matter.

use std::fmt;

use berth_model::{ContainerInstanceId, TaskId, TaskSetId};

use crate::deployment::RolloutReason;
use crate::task::Zone;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    SteadyState,
    TaskSetSteady {
        task_set: TaskSetId,
    },
    /// Made by [`Start::told`](crate::Start::told), since ids are given when tasks are started.
    TasksStarted {
        /// Whose they are, of a service that has task sets.
        task_set: Option<TaskSetId>,
        tasks: Vec<TaskId>,
        zone: Option<Zone>,
        replacing_unhealthy: u32,
    },
    /// With a zone: to even out zones.
    TasksStopped {
        tasks: Vec<TaskId>,
        zone: Option<Zone>,
    },
    PendingTasksStopped {
        count: u32,
    },
    TaskUnhealthy {
        task: TaskId,
    },
    UnableToPlace {
        reason: String,
    },
    /// To even out zones.
    UnableToPlaceInZone {
        zone: Zone,
        reason: String,
    },
    /// There may be room, but no task can be made.
    UnableToLaunch {
        reason: String,
    },
    UnableToStart,
    /// A task cannot be a target of its service's target group, and waits until it can.
    UnableToRegister {
        /// The group's ARN.
        target_group: String,
        error: String,
    },
    /// Neither starting nor stopping a task is possible within the floor and the ceiling.
    UnableToMove,
    UnableToScaleIn {
        protected: u32,
    },
    DeploymentCompleted {
        deployment: TaskSetId,
    },
    DeploymentFailed {
        deployment: TaskSetId,
        why: RolloutReason,
    },
    RollingBack {
        to: TaskSetId,
    },
    /// Somebody else had changed a listener rule that a deployment shifts requests with.
    RuleRestored {
        deployment: TaskSetId,
        /// Its ARN, or a network balancer's listener's.
        rule: String,
    },
    ConstraintViolated {
        task: TaskId,
        instance: ContainerInstanceId,
    },
    NotBalanced {
        counts: Vec<(Zone, u32)>,
    },
    Balanced {
        counts: Vec<(Zone, u32)>,
    },
}

/// The `eventName` of the event for EventBridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventName {
    SteadyState,
    TaskSetSteadyState,
    TasksStarted,
    TasksStopped,
    TaskUnhealthy,
    TaskPlacementFailure,
    TaskStartImpaired,
    TaskConfigurationFailure,
    DeploymentCompleted,
    DeploymentFailed,
    DeploymentInProgress,
    RuleRestored,
    ConstraintViolated,
    RebalancingStarted,
    RebalancingCompleted,
}

/// The `eventType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    Info,
    Warn,
    Error,
}

impl EventKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::Info => "INFO",
            EventKind::Warn => "WARN",
            EventKind::Error => "ERROR",
        }
    }
}

impl EventName {
    pub const fn as_str(self) -> &'static str {
        match self {
            EventName::SteadyState => "SERVICE_STEADY_STATE",
            EventName::TaskSetSteadyState => "TASKSET_STEADY_STATE",
            EventName::TasksStarted => "TASKS_STARTED",
            EventName::TasksStopped => "TASKS_STOPPED",
            EventName::TaskUnhealthy => "SERVICE_TASK_UNHEALTHY",
            EventName::TaskPlacementFailure => "SERVICE_TASK_PLACEMENT_FAILURE",
            EventName::TaskStartImpaired => "SERVICE_TASK_START_IMPAIRED",
            EventName::TaskConfigurationFailure => "SERVICE_TASK_CONFIGURATION_FAILURE",
            EventName::DeploymentCompleted => "SERVICE_DEPLOYMENT_COMPLETED",
            EventName::DeploymentFailed => "SERVICE_DEPLOYMENT_FAILED",
            EventName::DeploymentInProgress => "SERVICE_DEPLOYMENT_IN_PROGRESS",
            // No state of a deployment: those that AWS knows are all that programs expect under their name.
            EventName::RuleRestored => "SERVICE_LISTENER_RULE_RESTORED",
            EventName::ConstraintViolated => "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED",
            EventName::RebalancingStarted => "SERVICE_REBALANCING_STARTED",
            EventName::RebalancingCompleted => "SERVICE_REBALANCING_COMPLETED",
        }
    }

    pub const fn kind(self) -> EventKind {
        match self {
            EventName::SteadyState
            | EventName::TaskSetSteadyState
            | EventName::TasksStarted
            | EventName::TasksStopped
            | EventName::DeploymentCompleted
            | EventName::DeploymentInProgress
            | EventName::RebalancingStarted
            | EventName::RebalancingCompleted => EventKind::Info,
            EventName::TaskStartImpaired | EventName::TaskUnhealthy | EventName::RuleRestored => {
                EventKind::Warn
            }
            EventName::TaskPlacementFailure
            | EventName::TaskConfigurationFailure
            | EventName::DeploymentFailed
            | EventName::ConstraintViolated => EventKind::Error,
        }
    }
}

const TROUBLESHOOTING: &str =
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

impl Event {
    pub fn name(&self) -> EventName {
        match self {
            Event::SteadyState => EventName::SteadyState,
            Event::TaskSetSteady { .. } => EventName::TaskSetSteadyState,
            Event::TasksStarted { .. } => EventName::TasksStarted,
            Event::TasksStopped { .. } | Event::PendingTasksStopped { .. } => {
                EventName::TasksStopped
            }
            Event::TaskUnhealthy { .. } => EventName::TaskUnhealthy,
            Event::UnableToPlace { .. } | Event::UnableToPlaceInZone { .. } => {
                EventName::TaskPlacementFailure
            }
            Event::UnableToLaunch { .. } | Event::UnableToStart => EventName::TaskStartImpaired,
            Event::UnableToRegister { .. }
            | Event::UnableToMove
            | Event::UnableToScaleIn { .. } => EventName::TaskConfigurationFailure,
            Event::DeploymentCompleted { .. } => EventName::DeploymentCompleted,
            Event::DeploymentFailed { .. } => EventName::DeploymentFailed,
            Event::RollingBack { .. } => EventName::DeploymentInProgress,
            Event::RuleRestored { .. } => EventName::RuleRestored,
            Event::ConstraintViolated { .. } => EventName::ConstraintViolated,
            Event::NotBalanced { .. } => EventName::RebalancingStarted,
            Event::Balanced { .. } => EventName::RebalancingCompleted,
        }
    }

    /// What EventBridge is told of it, if it is about a deployment: other words than the service's.
    pub fn of_deployment(&self) -> Option<String> {
        match *self {
            Event::DeploymentCompleted { deployment } => {
                Some(RolloutReason::Completed.render(deployment).to_string())
            }
            // AWS: developer guide, ecs_service_deployment_events: "task", where the rollout says "tasks".
            Event::DeploymentFailed { why: RolloutReason::TasksFailedToStart, .. } => {
                Some("ECS deployment circuit breaker: task failed to start.".to_owned())
            }
            Event::DeploymentFailed { deployment, why } => Some(why.render(deployment).to_string()),
            Event::RollingBack { to } => Some(RolloutReason::RollingBack.render(to).to_string()),
            _ => None,
        }
    }

    /// The message, for the service of this name.
    pub fn render(&self, service: &str) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            write!(f, "{} ", subject(service, self.task_set()))?;
            self.write(f)
        })
    }

    /// The one that it happened to, not to the service as a whole.
    fn task_set(&self) -> Option<TaskSetId> {
        match self {
            Event::TaskSetSteady { task_set } => Some(*task_set),
            Event::TasksStarted { task_set, .. } => *task_set,
            _ => None,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::SteadyState => f.write_str("has reached a steady state."),
            Event::TaskSetSteady { .. } => f.write_str("updated state to STEADY_STATE."),
            Event::TasksStarted { tasks, zone, replacing_unhealthy, .. } => {
                write!(f, "has started {} tasks", tasks.len())?;
                if let Some(zone) = zone {
                    write!(f, " in {zone} to AZ Rebalance")?;
                }
                write!(f, ":{}.", listed(tasks))?;
                if *replacing_unhealthy > 0 {
                    write!(
                        f,
                        " Amazon ECS replaced {replacing_unhealthy} tasks due to an unhealthy status."
                    )?;
                }
                Ok(())
            }
            Event::TasksStopped { tasks, zone } => {
                write!(f, "has stopped {} running tasks", tasks.len())?;
                if let Some(zone) = zone {
                    write!(f, " in {zone} due to AZ rebalancing")?;
                }
                write!(f, ":{}.", listed(tasks))
            }
            Event::PendingTasksStopped { count } => write!(f, "stopped {count} pending tasks."),
            Event::TaskUnhealthy { task } => {
                write!(f, "(task {task}) failed container health checks.")
            }
            Event::UnableToPlace { reason } => write!(
                f,
                "was unable to place a task because no container instance met all of its \
                 requirements. Reason: {reason} {TROUBLESHOOTING}"
            ),
            Event::UnableToPlaceInZone { zone, reason } => write!(
                f,
                "is unable to place a task in {zone} because no container instance met all of its \
                 requirements. Reason: {reason} {TROUBLESHOOTING}"
            ),
            Event::UnableToLaunch { reason } => {
                write!(f, "failed to launch a task with (error {reason}).")
            }
            Event::UnableToStart => {
                write!(f, "is unable to consistently start tasks successfully. {TROUBLESHOOTING}")
            }
            Event::UnableToRegister { target_group, error } => write!(
                f,
                "failed to register targets in (target-group {target_group}) with (error {error})"
            ),
            Event::UnableToMove => f.write_str(
                "was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent value \
                 and try again.",
            ),
            Event::UnableToScaleIn { protected } => {
                write!(f, "was unable to scale in due to (reason {protected} tasks under protection)")
            }
            Event::DeploymentCompleted { deployment } => {
                write!(f, "(deployment {deployment}) deployment completed.")
            }
            Event::DeploymentFailed { deployment, why } => {
                write!(f, "(deployment {deployment}) deployment failed: {}.", why.in_short())
            }
            Event::RollingBack { to } => write!(f, "rolling back to deployment {to}."),
            Event::RuleRestored { deployment, rule } => write!(
                f,
                "(deployment {deployment}) overwrote a change that somebody else made to (listener-rule {rule})."
            ),
            Event::ConstraintViolated { task, instance } => write!(
                f,
                "has stopped (task {task}): (instance {instance}) no longer satisfies the placement \
                 constraints."
            ),
            Event::NotBalanced { counts } => {
                write!(f, "is not AZ balanced with {}. AZ Rebalancing in progress.", zones(counts))
            }
            Event::Balanced { counts } => write!(f, "is AZ balanced with {}.", zones(counts)),
        }
    }
}

/// Whom a message is about.
pub fn subject(service: &str, task_set: Option<TaskSetId>) -> impl fmt::Display {
    fmt::from_fn(move |f| match task_set {
        Some(task_set) => write!(f, "(service {service}, taskSet {task_set})"),
        None => write!(f, "(service {service})"),
    })
}

fn listed(tasks: &[TaskId]) -> impl fmt::Display {
    fmt::from_fn(move |f| tasks.iter().try_for_each(|task| write!(f, " (task {task})")))
}

fn zones(counts: &[(Zone, u32)]) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        for (index, (zone, count)) in counts.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{count} tasks in {zone}")?;
        }
        Ok(())
    })
}

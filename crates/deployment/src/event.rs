//! What happened to a service, in ECS's words.
//!
//! AWS: developer guide, service-event-messages-list and ecs_service_events. How many are kept, and
//! for how long, is the caller's matter.

use std::fmt;

use berth_model::{TaskId, TaskSetId};

use crate::task::Zone;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    SteadyState,
    /// The caller tells these: ids are given when tasks are started.
    TasksStarted {
        deployment: TaskSetId,
        tasks: Vec<TaskId>,
        zone: Option<Zone>,
    },
    TasksStopped {
        tasks: Vec<TaskId>,
        zone: Option<Zone>,
    },
    /// The caller tells this: why the scheduler found no place.
    UnableToPlace {
        reason: String,
    },
    DeploymentCompleted {
        deployment: TaskSetId,
    },
}

/// The `eventName` of the event for EventBridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventName {
    SteadyState,
    TasksStarted,
    TasksStopped,
    TaskPlacementFailure,
    DeploymentCompleted,
}

impl EventName {
    pub const fn as_str(self) -> &'static str {
        match self {
            EventName::SteadyState => "SERVICE_STEADY_STATE",
            EventName::TasksStarted => "TASKS_STARTED",
            EventName::TasksStopped => "TASKS_STOPPED",
            EventName::TaskPlacementFailure => "SERVICE_TASK_PLACEMENT_FAILURE",
            EventName::DeploymentCompleted => "SERVICE_DEPLOYMENT_COMPLETED",
        }
    }
}

const TROUBLESHOOTING: &str =
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

impl Event {
    pub fn name(&self) -> EventName {
        match self {
            Event::SteadyState => EventName::SteadyState,
            Event::TasksStarted { .. } => EventName::TasksStarted,
            Event::TasksStopped { .. } => EventName::TasksStopped,
            Event::UnableToPlace { .. } => EventName::TaskPlacementFailure,
            Event::DeploymentCompleted { .. } => EventName::DeploymentCompleted,
        }
    }

    /// The message, for the service of this name.
    pub fn render(&self, service: &str) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            write!(f, "(service {service})")?;
            match self {
                Event::SteadyState => f.write_str(" has reached a steady state."),
                Event::TasksStarted { tasks, zone, .. } => match zone {
                    None => write!(f, " has started {} tasks:{}.", tasks.len(), listed(tasks)),
                    Some(zone) => write!(
                        f,
                        " has started {} tasks in {zone} to AZ Rebalance:{}.",
                        tasks.len(),
                        listed(tasks)
                    ),
                },
                Event::TasksStopped { tasks, zone } => match zone {
                    None => {
                        write!(f, " has stopped {} running tasks:{}.", tasks.len(), listed(tasks))
                    }
                    Some(zone) => write!(
                        f,
                        " has stopped {} running tasks in {zone} due to AZ rebalancing:{}.",
                        tasks.len(),
                        listed(tasks)
                    ),
                },
                Event::UnableToPlace { reason } => write!(
                    f,
                    " was unable to place a task because no container instance met all of its \
                     requirements. Reason: {reason} {TROUBLESHOOTING}"
                ),
                Event::DeploymentCompleted { deployment } => {
                    write!(f, " (deployment {deployment}) deployment completed.")
                }
            }
        })
    }
}

fn listed(tasks: &[TaskId]) -> impl fmt::Display {
    fmt::from_fn(move |f| tasks.iter().try_for_each(|task| write!(f, " (task {task})")))
}

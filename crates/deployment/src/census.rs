//! A service's tasks, counted and sorted once for all that follows.

use berth_model::{HealthStatus, TaskSetId, TaskStatus, Timestamp};

use crate::service::Service;
use crate::task::Task;

pub(crate) struct Census<'a> {
    /// Tasks that run or are to run, and are meant to.
    pub live: Vec<Live<'a>>,
    /// Tasks asked to stop that are still there.
    pub stopping: u32,
    /// Those of them that are still RUNNING, or on their way there.
    pub stopping_in_room: u32,
    /// Tasks that stopped and have not been accounted for.
    pub stopped: Vec<&'a Task>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Live<'a> {
    pub task: &'a Task,
    /// Index among the service's deployments; `None` for one that the service no longer has.
    pub deployment: Option<usize>,
    pub standing: Standing,
}

/// What a live task is worth to its service, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Unhealthy,
    /// Not RUNNING yet, or not yet known to be well.
    Waiting,
    Healthy,
}

impl<'a> Census<'a> {
    pub fn take(service: &'a Service, now: Timestamp) -> Self {
        let mut census = Census {
            live: Vec::with_capacity(service.tasks.len()),
            stopping: 0,
            stopping_in_room: 0,
            stopped: Vec::new(),
        };
        let ids: Vec<TaskSetId> =
            service.deployments.iter().map(|deployment| deployment.id).collect();
        for task in &service.tasks {
            if task.has_stopped() {
                census.stopped.push(task);
            } else if task.is_live() {
                let deployment = ids.iter().position(|id| *id == task.deployment);
                let standing = standing(task, service, now);
                census.live.push(Live { task, deployment, standing });
            } else {
                census.stopping += 1;
                census.stopping_in_room += u32::from(task.takes_room());
            }
        }
        census
    }

    /// How many tasks count against the ceiling.
    pub fn room_taken(&self) -> u32 {
        self.live.len() as u32 + self.stopping_in_room
    }

    pub fn healthy(&self) -> u32 {
        self.live.iter().filter(|live| live.standing == Standing::Healthy).count() as u32
    }
}

/// AWS: without a health check RUNNING is healthy; with one, a task whose health is UNKNOWN is not
/// healthy yet. Within the grace period a failing check is no reason to replace the task.
fn standing(task: &Task, service: &Service, now: Timestamp) -> Standing {
    if task.last_status < TaskStatus::Running {
        return Standing::Waiting;
    }
    match task.health {
        None | Some(HealthStatus::Healthy) => Standing::Healthy,
        Some(HealthStatus::Unknown) => Standing::Waiting,
        Some(HealthStatus::Unhealthy) => {
            let since = task.started_at.unwrap_or(task.created_at);
            if now < since + service.health_grace { Standing::Waiting } else { Standing::Unhealthy }
        }
    }
}

//! A service's tasks, counted and sorted once for all that follows.

use berth_model::{HealthStatus, TaskSetId, TaskStatus, Timestamp};

use crate::service::Service;
use crate::task::Task;

#[derive(Default)]
pub(crate) struct Census<'a> {
    /// Tasks that run or are to run, and are meant to.
    pub live: Vec<Live<'a>>,
    /// Tasks asked to stop, or ending, that are still there.
    pub stopping: Vec<(Option<usize>, &'a Task)>,
    /// Tasks that stopped and have not been accounted for.
    pub stopped: Vec<&'a Task>,
    /// When time alone will next change what a task is worth.
    pub next_change: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Live<'a> {
    pub task: &'a Task,
    /// Index among the service's deployments; `None` for one that the service no longer has.
    pub deployment: Option<usize>,
    pub standing: Standing,
}

impl Live<'_> {
    /// Protected from scale-in and deployments. A task that is not well is replaced all the same.
    pub fn is_spared(&self, now: Timestamp) -> bool {
        self.standing != Standing::Unhealthy && self.task.is_protected(now)
    }
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
        let mut census =
            Census { live: Vec::with_capacity(service.tasks.len()), ..Census::default() };
        let known = service.deployments.iter();
        let ids: Vec<TaskSetId> = known.map(|deployment| deployment.id).collect();
        for task in &service.tasks {
            let deployment = ids.iter().position(|id| *id == task.deployment);
            if task.has_stopped() {
                census.stopped.push(task);
            } else if task.is_live() {
                let (standing, until) = standing(task, service, now);
                census.live.push(Live { task, deployment, standing });
                census.next_change = until.into_iter().chain(census.next_change).min();
            } else {
                census.stopping.push((deployment, task));
            }
        }
        census
    }

    /// The part of it that one deployment has.
    pub fn of(&self, deployment: usize) -> Census<'a> {
        self.only(|of| of == Some(deployment))
    }

    /// The part of it that all others have.
    pub fn without(&self, deployment: usize) -> Census<'a> {
        self.only(|of| of != Some(deployment))
    }

    fn only(&self, is_wanted: impl Fn(Option<usize>) -> bool) -> Census<'a> {
        let (live, stopping) = (self.live.iter(), self.stopping.iter());
        Census {
            live: live.filter(|live| is_wanted(live.deployment)).copied().collect(),
            stopping: stopping.filter(|(of, _)| is_wanted(*of)).copied().collect(),
            ..Census::default()
        }
    }

    /// Whether the deployment has any task that has not stopped.
    pub fn has_tasks_of(&self, deployment: usize) -> bool {
        let it = Some(deployment);
        self.live.iter().any(|live| live.deployment == it)
            || self.stopping.iter().any(|(of, _)| *of == it)
    }

    /// Tasks asked to stop that are still RUNNING, or on their way there.
    pub fn stopping_in_room(&self) -> u32 {
        self.stopping.iter().filter(|(_, task)| task.takes_room()).count() as u32
    }

    /// How many tasks count against the ceiling.
    pub fn room_taken(&self) -> u32 {
        self.live.len() as u32 + self.stopping_in_room()
    }

    pub fn healthy(&self) -> u32 {
        healthy(&self.live)
    }

    /// Whether a task is on its way to be healthy.
    pub fn expects(&self) -> bool {
        self.live.iter().any(|live| live.standing == Standing::Waiting)
    }
}

pub(crate) fn healthy(tasks: &[Live<'_>]) -> u32 {
    tasks.iter().filter(|live| live.standing == Standing::Healthy).count() as u32
}

/// And how long it stays so, if time alone ends it.
///
/// AWS: without a health check a task is healthy once it has run for a while; with one, a task whose
/// health is UNKNOWN is not healthy yet. Within the grace period a failing check is no reason to
/// replace the task.
fn standing(task: &Task, service: &Service, now: Timestamp) -> (Standing, Option<Timestamp>) {
    if task.last_status < TaskStatus::Running {
        return (Standing::Waiting, None);
    }
    let since = task.started_at.unwrap_or(task.created_at);
    let (wait, after) = match task.health {
        Some(HealthStatus::Healthy) => return (Standing::Healthy, None),
        Some(HealthStatus::Unknown) => return (Standing::Waiting, None),
        None => (service.warm_up, Standing::Healthy),
        Some(HealthStatus::Unhealthy) => (service.health_grace, Standing::Unhealthy),
    };
    let until = since + wait;
    if now < until { (Standing::Waiting, Some(until)) } else { (after, None) }
}

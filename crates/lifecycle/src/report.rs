//! What the control plane makes of an agent's report.
//!
//! The result is a [`Transition`]: what to change in the record, nothing if nothing is new. A
//! report may come late, twice or out of order; what was known is never taken back.

#[cfg(test)]
mod tests;

use berth_model::{ContainerStatus, DesiredStatus, StopCode, TaskStatus, Timestamp};

use crate::progress::{advance_container, advance_task};
use crate::stage::Stage;
use crate::stop::{Ended, StopCause, cause_of};
use crate::times::Times;

/// What the control plane holds about a task.
#[derive(Debug, Clone)]
pub struct KnownTask<'a> {
    pub desired_status: DesiredStatus,
    pub last_status: TaskStatus,
    pub stop_code: Option<StopCode>,
    pub times: Times,
    pub containers: Vec<KnownContainer<'a>>,
    /// The stages in which somebody holds it.
    pub held: &'a [Stage],
}

#[derive(Debug, Clone, Copy)]
pub struct KnownContainer<'a> {
    pub name: &'a str,
    pub essential: bool,
    pub status: ContainerStatus,
    pub exit_code: Option<i32>,
    pub reason: Option<&'a str>,
}

/// What an agent tells: `SubmitTaskStateChange`, or with no status `SubmitContainerStateChange`.
#[derive(Debug, Clone, Default)]
pub struct TaskReport<'a> {
    pub status: Option<TaskStatus>,
    pub reason: Option<&'a str>,
    pub pull_started_at: Option<Timestamp>,
    pub pull_stopped_at: Option<Timestamp>,
    pub execution_stopped_at: Option<Timestamp>,
    pub containers: Vec<ContainerReport<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub struct ContainerReport<'a> {
    pub name: &'a str,
    pub status: ContainerStatus,
    pub exit_code: Option<i32>,
    pub reason: Option<&'a str>,
}

/// What to change. `None` and empty: leave as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transition {
    pub last_status: Option<TaskStatus>,
    pub desired_status: Option<DesiredStatus>,
    pub stop: Option<StopCause>,
    /// All of them, changed or not.
    pub times: Option<Times>,
    /// At most one for each container.
    pub containers: Vec<ContainerChange>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerChange {
    /// The index among the known containers.
    pub container: usize,
    /// The index among the reported ones, for what passes through unjudged (runtime id, image digest,
    /// network bindings). `None`: the task ended and took the container along.
    pub report: Option<usize>,
    pub status: Option<ContainerStatus>,
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
}

impl Transition {
    /// Nothing to write. Containers are listed only if something about them may be new.
    pub fn is_empty(&self) -> bool {
        *self == Transition::default()
    }
}

/// Merges a report. Containers that the task does not have are passed over: a newer agent may have
/// helpers of its own.
pub fn merge_report(known: &KnownTask<'_>, report: &TaskReport<'_>, now: Timestamp) -> Transition {
    let mut transition = Transition::default();
    if known.last_status >= TaskStatus::Stopped {
        // Ended is ended. Only what was missing about the containers is still welcome.
        merge_containers(known, report, &mut transition);
        return transition;
    }
    let mut times = known.times;
    merge_containers(known, report, &mut transition);

    times.connect(report.pull_started_at.unwrap_or(now), now);
    if let Some(at) = report.pull_started_at {
        times.start_pull(at, now);
    }
    if let Some(at) = report.pull_stopped_at {
        times.stop_pull(at, now);
    }
    let reported = report.status.map(|status| match status {
        TaskStatus::Running => Stage::Activating.entered(known.held),
        TaskStatus::Stopped => Stage::Deprovisioning.entered(known.held),
        other => other,
    });
    transition.last_status = reported.and_then(|status| advance_task(known.last_status, status));
    if transition.last_status == Some(TaskStatus::Running) {
        times.start(now);
    }
    if report.status == Some(TaskStatus::Stopped) {
        take_along(known, &mut transition);
        stop_by_itself(known, report, &mut transition);
        times.stop(report.execution_stopped_at.unwrap_or(now), now);
        if let Some(at) = report.execution_stopped_at {
            times.stop_execution(at, now);
        }
        if transition.last_status == Some(TaskStatus::Stopped) {
            times.end(now);
        }
    } else if ended(known, &transition).any(|container| container.essential) {
        // The agent stops the others by itself; that the task is to stop is known from now on.
        stop_by_itself(known, report, &mut transition);
        transition.last_status = advance_task(known.last_status, TaskStatus::Stopping);
        times.stop(now, now);
    }
    transition.times = (times != known.times).then_some(times);
    transition
}

/// Asks the task to stop, for a cause from outside. The first cause stands.
pub fn request_stop(known: &KnownTask<'_>, cause: StopCause, now: Timestamp) -> Transition {
    if known.last_status >= TaskStatus::Stopped || known.desired_status == DesiredStatus::Stopped {
        return Transition::default();
    }
    let mut times = known.times;
    times.stop(now, now);
    // What nobody has been told of needs no farewell.
    let is_known = known.last_status >= TaskStatus::Activating;
    let status =
        if is_known { Stage::Deactivating.entered(known.held) } else { TaskStatus::Stopping };
    Transition {
        last_status: advance_task(known.last_status, status),
        desired_status: Some(DesiredStatus::Stopped),
        stop: Some(cause),
        times: (times != known.times).then_some(times),
        ..Transition::default()
    }
}

/// Ends a task that no agent will ever report again: it was never handed to one, or its instance is gone.
pub fn end_at_once(known: &KnownTask<'_>, cause: StopCause, now: Timestamp) -> Transition {
    if known.last_status >= TaskStatus::Stopped {
        return Transition::default();
    }
    let mut transition = request_stop(known, cause, now);
    let status = Stage::Deprovisioning.entered(known.held);
    transition.last_status = advance_task(known.last_status, status);
    take_along(known, &mut transition);
    let mut times = transition.times.unwrap_or(known.times);
    if status == TaskStatus::Stopped {
        times.end(now);
    }
    transition.times = Some(times);
    transition
}

fn merge_containers(known: &KnownTask<'_>, report: &TaskReport<'_>, transition: &mut Transition) {
    for (index, told) in report.containers.iter().enumerate() {
        let Some(container) =
            known.containers.iter().position(|container| container.name == told.name)
        else {
            continue;
        };
        let held = &known.containers[container];
        let earlier = transition.containers.iter().position(|change| change.container == container);
        let change = earlier.map(|earlier| &transition.containers[earlier]);
        let status = change.and_then(|change| change.status).unwrap_or(held.status);
        if told.status < status {
            continue;
        }
        let exit_code = held.exit_code.or(change.and_then(|change| change.exit_code));
        let reason = held.reason.or(change.and_then(|change| change.reason.as_deref()));
        let ended = told.status == ContainerStatus::Stopped;
        let merged = ContainerChange {
            container,
            report: Some(index),
            status: advance_container(held.status, told.status),
            exit_code: exit_code
                .or(told.exit_code.filter(|_| ended))
                .filter(|_| held.exit_code.is_none()),
            reason: reason
                .or(told.reason.filter(|reason| !reason.is_empty()))
                .filter(|_| held.reason.is_none())
                .map(str::to_owned),
        };
        match earlier {
            Some(earlier) => transition.containers[earlier] = merged,
            None => transition.containers.push(merged),
        }
    }
}

/// A STOPPED task has no container that is not.
fn take_along(known: &KnownTask<'_>, transition: &mut Transition) {
    for (container, held) in known.containers.iter().enumerate() {
        let change = transition.containers.iter_mut().find(|change| change.container == container);
        let Some(status) = advance_container(held.status, ContainerStatus::Stopped) else {
            continue;
        };
        match change {
            Some(change) => change.status = Some(status),
            None => transition.containers.push(ContainerChange {
                container,
                report: None,
                status: Some(status),
                exit_code: None,
                reason: None,
            }),
        }
    }
}

/// If nobody asked for the stop, the containers must say why.
fn stop_by_itself(known: &KnownTask<'_>, report: &TaskReport<'_>, transition: &mut Transition) {
    if known.desired_status == DesiredStatus::Stopped {
        return;
    }
    let cause = cause_of(ended(known, transition), report.reason);
    transition.stop = known.stop_code.is_none().then_some(cause).flatten();
    transition.desired_status = Some(DesiredStatus::Stopped);
}

/// The containers that have ended, once the transition is applied.
fn ended<'a>(
    known: &'a KnownTask<'_>,
    transition: &'a Transition,
) -> impl Iterator<Item = Ended<'a>> + Clone {
    // A task that ever was RUNNING had no container left that could still fail to start.
    let has_run = |status| matches!(status, TaskStatus::Activating | TaskStatus::Running);
    let all_have_run = known.times.started_at.is_some()
        || has_run(known.last_status)
        || transition.last_status.is_some_and(has_run);
    known.containers.iter().enumerate().filter_map(move |(index, held)| {
        let change = transition.containers.iter().find(|change| change.container == index);
        let status = change.and_then(|change| change.status).unwrap_or(held.status);
        let exit_code = held.exit_code.or(change.and_then(|change| change.exit_code));
        (status == ContainerStatus::Stopped).then(|| Ended {
            essential: held.essential,
            has_run: exit_code.is_some() || all_have_run || was_running(held.status),
            reason: held.reason.or(change.and_then(|change| change.reason.as_deref())),
        })
    })
}

fn was_running(status: ContainerStatus) -> bool {
    matches!(status, ContainerStatus::Running | ContainerStatus::ResourcesProvisioned)
}

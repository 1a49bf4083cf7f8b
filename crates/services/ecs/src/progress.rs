//! Between a task's record and the lifecycle that judges what happens to it.
//!
//! `lifecycle` decides; here its decision is applied to the record, whoever asked: an agent's report, a
//! caller's StopTask, or an instance that is gone.

use berth_control::tables::View;
use berth_lifecycle::{
    ContainerChange, KnownContainer, KnownTask, Stage, StopCause, TaskReport, Times, Transition,
    end_at_once, go_on, merge_report, request_stop,
};
use berth_model::{Timestamp, Word};

use crate::tables::{Container, HeldStage, Task, TaskDefinition, TaskTimes};

/// What passes from a reported container into its record unjudged.
pub type Unjudged<'a> = &'a dyn Fn(usize, &mut Container);

/// The task after this report; `None` if it says nothing new.
pub fn after_report(
    view: &impl View,
    task: &Task,
    report: &TaskReport<'_>,
    unjudged: Unjudged<'_>,
    now: Timestamp,
) -> Option<Task> {
    let transition = merge_report(&known(view, task, &held(task)), report, now);
    apply(task, transition, unjudged)
}

/// The task asked to stop; `None` if it is stopping already.
pub fn asked_to_stop(
    view: &impl View,
    task: &Task,
    cause: StopCause,
    now: Timestamp,
) -> Option<Task> {
    apply(task, request_stop(&known(view, task, &held(task)), cause, now), &|_, _| ())
}

/// The task ended without its agent's word; `None` if it has ended before.
pub fn ended(view: &impl View, task: &Task, cause: StopCause, now: Timestamp) -> Option<Task> {
    apply(task, end_at_once(&known(view, task, &held(task)), cause, now), &|_, _| ())
}

/// The task after this one took its hold off; `None` if it had none.
pub fn released(
    view: &impl View,
    task: &Task,
    stage: HeldStage,
    by: &str,
    now: Timestamp,
) -> Option<Task> {
    let mut next = task.clone();
    next.holds.retain(|hold| hold.stage != stage || hold.by != by);
    if next.holds.len() == task.holds.len() {
        return None;
    }
    let held = held(&next);
    let transition = go_on(&known(view, &next, &held), now);
    // That a hold is gone is no change that a user can see.
    Some(apply(&next, transition, &|_, _| ()).unwrap_or(next))
}

fn held(task: &Task) -> Vec<Stage> {
    task.holds.iter().map(|hold| hold.stage.into()).collect()
}

/// AWS: a container is, unless its definition says otherwise.
pub fn is_essential(view: &impl View, task: &Task, container: &str) -> bool {
    let definition = view.get::<TaskDefinition>(&task.task_definition);
    let mut defined = definition
        .iter()
        .flat_map(|definition| definition.content.container_definitions.iter().flatten());
    let found = defined.find(|defined| defined.name.as_deref() == Some(container));
    found.and_then(|defined| defined.essential).unwrap_or(true)
}

fn known<'a>(view: &'a impl View, task: &'a Task, held: &'a [Stage]) -> KnownTask<'a> {
    KnownTask {
        desired_status: task.desired_status,
        last_status: task.last_status,
        stop_code: task.stop_code,
        times: times(&task.times),
        containers: task
            .containers
            .iter()
            .map(|container| KnownContainer {
                name: &container.name,
                essential: is_essential(view, task, &container.name),
                status: container.status,
                exit_code: container.exit_code,
                reason: container.reason.as_deref(),
            })
            .collect(),
        held,
    }
}

fn apply(task: &Task, transition: Transition, unjudged: Unjudged<'_>) -> Option<Task> {
    let mut next = task.clone();
    if let Some(status) = transition.last_status {
        next.last_status = status;
    }
    if let Some(status) = transition.desired_status {
        next.desired_status = status;
    }
    if let Some(StopCause { code, reason }) = transition.stop {
        next.stop_code = Some(code);
        next.stopped_reason = Some(reason.into());
    }
    if let Some(times) = transition.times {
        next.times = stored_times(times);
    }
    for ContainerChange { container, report, status, exit_code, reason } in transition.containers {
        let container = &mut next.containers[container];
        container.status = status.unwrap_or(container.status);
        container.exit_code = exit_code.or(container.exit_code);
        container.reason = reason.map(Word::from).or(container.reason.take());
        if let Some(report) = report {
            unjudged(report, container);
        }
    }
    if next == *task {
        return None;
    }
    next.version += 1;
    Some(next)
}

fn times(times: &TaskTimes) -> Times {
    Times {
        created_at: times.created_at,
        connectivity_at: times.connectivity_at,
        pull_started_at: times.pull_started_at,
        pull_stopped_at: times.pull_stopped_at,
        started_at: times.started_at,
        stopping_at: times.stopping_at,
        execution_stopped_at: times.execution_stopped_at,
        stopped_at: times.stopped_at,
    }
}

fn stored_times(times: Times) -> TaskTimes {
    TaskTimes {
        created_at: times.created_at,
        connectivity_at: times.connectivity_at,
        pull_started_at: times.pull_started_at,
        pull_stopped_at: times.pull_stopped_at,
        started_at: times.started_at,
        stopping_at: times.stopping_at,
        execution_stopped_at: times.execution_stopped_at,
        stopped_at: times.stopped_at,
    }
}

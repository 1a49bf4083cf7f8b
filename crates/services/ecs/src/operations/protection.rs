//! What the two operations on task protection share: which tasks can have it, and how it is shown.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::{TaskArn, TaskStatus, Timestamp};

use crate::identity::{not_yours, speaks_for_task};
use crate::render;
use crate::resolve;
use crate::tables::{Cluster, Task};

/// A task that can be protected, or why the one that was named cannot.
pub enum Found {
    Task(Arc<Task>),
    Failure(api::Failure),
}

pub fn check_count(wanted: &[String], most: usize) -> Result<(), api::Error> {
    if wanted.is_empty() {
        return Err(api::Error::invalid_parameter("Tasks cannot be empty."));
    }
    if wanted.len() > most {
        let message =
            format!("tasks: at most {most} are possible at once; {} were given.", wanted.len());
        return Err(api::Error::invalid_parameter(message));
    }
    Ok(())
}

/// `action` is what the caller wants to do with it, and an agent may do with its own tasks only.
pub fn find(
    view: &impl View,
    call: &Call,
    action: &str,
    cluster: &Cluster,
    given: &str,
) -> Result<Found, api::Error> {
    let id = resolve::task_id(cluster, given)?;
    let Some(task) = resolve::task(view, cluster, given)? else {
        let arn = TaskArn { scope: cluster.scope.clone(), cluster: Some(cluster.name.clone()), id };
        return Ok(Found::Failure(render::failure(arn.to_string(), "MISSING")));
    };
    if !speaks_for_task(view, call, &task) {
        return Err(not_yours(call, action, &render::task_arn(cluster, &task).to_string()));
    }
    if task.is_of_service() && task.last_status < TaskStatus::Stopped {
        return Ok(Found::Task(task));
    }
    let arn = render::task_arn(cluster, &task).to_string();
    Ok(Found::Failure(render::failure(arn, "TASK_NOT_VALID")))
}

/// AWS: what has run out is shown as if it had never been.
pub fn render(cluster: &Cluster, task: &Task, now: Timestamp) -> api::ProtectedTask {
    let until = task.protected_until.filter(|until| *until > now);
    api::ProtectedTask {
        task_arn: Some(render::task_arn(cluster, task).to_string()),
        protection_enabled: Some(until.is_some()),
        expiration_date: until,
    }
}

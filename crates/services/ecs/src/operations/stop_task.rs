//! StopTask: asks a task to stop. Its agent ends the containers; stopping twice is no error.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_lifecycle::StopCause;
use berth_model::{StopCode, TaskStatus};

use crate::progress;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Task;

const LONGEST_REASON: usize = 1024;
const NO_REASON: &str = "Task stopped by user";

pub async fn stop_task(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::StopTaskRequest,
) -> Result<api::StopTaskResponse, Failure<api::Error>> {
    let reason =
        input.reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| NO_REASON.to_owned());
    if reason.chars().count() > LONGEST_REASON {
        let message = format!("reason can have at most {LONGEST_REASON} characters.");
        return Err(api::Error::invalid_parameter(message).into());
    }
    let task = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let given = input.task.unwrap_or_default();
            let task = resolve::task(tx, &cluster, &given)?.ok_or_else(|| {
                api::Error::invalid_parameter("The referenced task was not found.")
            })?;
            let cause = StopCause { code: StopCode::UserInitiated, reason };
            let stopped = match task.container_instance {
                Some(_) => progress::asked_to_stop(tx, &task, cause, call.now),
                // Nobody has it yet, so nobody will ever report its end.
                None => progress::ended(tx, &task, cause, call.now),
            };
            // AWS: the answer shows how far the task is, and that it is to stop; what becomes of that comes later.
            let shown = match stopped {
                Some(stopped) => {
                    tx.put(stopped.clone());
                    let is_over = stopped.last_status == TaskStatus::Stopped;
                    let last_status = if is_over { TaskStatus::Stopped } else { task.last_status };
                    Task { last_status, ..stopped }
                }
                None => Task::clone(&task),
            };
            Ok::<_, api::Error>(render::task(tx, &cluster, &shown, true))
        })
        .await?;
    Ok(api::StopTaskResponse { task: Some(task) })
}

//! SubmitTaskStateChange: an agent reports what became of a task.
//!
//! Reports may come late, twice or out of order; `lifecycle` decides what is news. The answer is the same
//! either way, so that an agent stops repeating itself.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_lifecycle::TaskReport;
use berth_model::TaskStatus;

use super::state_change_input::{self, Beside, Containers};
use crate::service::Ecs;

pub async fn submit_task_state_change(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::SubmitTaskStateChangeRequest,
) -> Result<api::SubmitTaskStateChangeResponse, Failure<api::Error>> {
    let status = input.status.as_deref().map(status).transpose()?;
    let containers = Containers::parse(input.containers.unwrap_or_default())?;
    let beside = Beside {
        attachments: input.attachments.unwrap_or_default(),
        managed_agents: input.managed_agents.unwrap_or_default(),
    };
    ecs.cell
        .write(move |tx| {
            let (cluster, task) = (input.cluster.as_deref(), input.task.as_deref());
            let of_task = TaskReport {
                status,
                reason: input.reason.as_deref().filter(|reason| !reason.is_empty()),
                pull_started_at: input.pull_started_at,
                pull_stopped_at: input.pull_stopped_at,
                execution_stopped_at: input.execution_stopped_at,
                ..Default::default()
            };
            state_change_input::apply(tx, &call, cluster, task, &containers, of_task, &beside)
        })
        .await?;
    Ok(api::SubmitTaskStateChangeResponse { acknowledgment: Some("ACCEPT".to_owned()) })
}

fn status(given: &str) -> Result<TaskStatus, api::Error> {
    given.parse().map_err(|error| api::Error::invalid_parameter(format!("status: {error}.")))
}

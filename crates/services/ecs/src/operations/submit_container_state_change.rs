//! SubmitContainerStateChange: an agent reports one container by itself.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_lifecycle::TaskReport;

use super::state_change_input::{self, Beside, Containers};
use crate::service::Ecs;

pub async fn submit_container_state_change(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::SubmitContainerStateChangeRequest,
) -> Result<api::SubmitContainerStateChangeResponse, Failure<api::Error>> {
    let containers = Containers::of_one(api::ContainerStateChange {
        container_name: input.container_name,
        runtime_id: input.runtime_id,
        status: input.status,
        exit_code: input.exit_code,
        reason: input.reason,
        network_bindings: input.network_bindings,
        ..Default::default()
    })?;
    ecs.cell
        .write(move |tx| {
            let (cluster, task) = (input.cluster.as_deref(), input.task.as_deref());
            let (of_task, beside) = (TaskReport::default(), Beside::default());
            state_change_input::apply(tx, &call, cluster, task, &containers, of_task, &beside)
        })
        .await?;
    Ok(api::SubmitContainerStateChangeResponse { acknowledgment: Some("ACCEPT".to_owned()) })
}

//! UpdateTaskSet: another share of the service's desired count.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::task_set_input;
use crate::render;
use crate::service::Ecs;
use crate::tables::TaskSet;

pub async fn update_task_set(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateTaskSetRequest,
) -> Result<api::UpdateTaskSetResponse, Failure<api::Error>> {
    let scale = task_set_input::scale(input.scale.as_ref())?;
    let set = ecs
        .cell
        .write(move |tx| {
            let (cluster, service, set) = task_set_input::task_set(
                tx,
                &call,
                input.cluster.as_deref(),
                input.service.as_deref(),
                input.task_set.as_deref(),
            )?;
            if set.is_draining() {
                return Err(api::Error::invalid_parameter("The specified task set is DRAINING."));
            }
            let set = TaskSet { scale, updated_at: call.now, ..TaskSet::clone(&set) };
            tx.put(set.clone());
            Ok::<_, api::Error>(render::task_set(tx, &cluster, &service, &set, true))
        })
        .await?;
    Ok(api::UpdateTaskSetResponse { task_set: Some(set) })
}

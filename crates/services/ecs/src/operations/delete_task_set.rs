//! DeleteTaskSet: the set is DRAINING until its tasks are gone.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_deployment::Role;

use super::task_set_input;
use crate::render;
use crate::service::Ecs;
use crate::tables::TaskSet;

pub async fn delete_task_set(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteTaskSetRequest,
) -> Result<api::DeleteTaskSetResponse, Failure<api::Error>> {
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
            let wanted = set.computed_desired_count(service.desired_count);
            if wanted > 0 && input.force != Some(true) {
                return Err(api::Error::invalid_parameter(
                    "The task set cannot be deleted while it is scaled above 0.",
                ));
            }
            let mut set = TaskSet { updated_at: call.now, ..TaskSet::clone(&set) };
            set.progress.role = Role::Draining;
            tx.put(set.clone());
            Ok::<_, api::Error>(render::task_set(tx, &cluster, &service, &set, true))
        })
        .await?;
    Ok(api::DeleteTaskSetResponse { task_set: Some(set) })
}

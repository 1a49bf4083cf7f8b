//! UpdateServicePrimaryTaskSet: which task set the service is shown with.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_deployment::Role;

use super::task_set_input;
use crate::render;
use crate::service::Ecs;
use crate::tables::{Service, TaskSet};

pub async fn update_service_primary_task_set(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateServicePrimaryTaskSetRequest,
) -> Result<api::UpdateServicePrimaryTaskSetResponse, Failure<api::Error>> {
    let set = ecs
        .cell
        .write(move |tx| {
            let (cluster, service, chosen) = task_set_input::task_set(
                tx,
                &call,
                input.cluster.as_deref(),
                input.service.as_deref(),
                input.primary_task_set.as_deref(),
            )?;
            if chosen.is_draining() {
                return Err(api::Error::invalid_parameter("The specified task set is DRAINING."));
            }
            let sets: Vec<TaskSet> = tx.table::<TaskSet>().within(&service.id).cloned().collect();
            for set in sets {
                let role = match set.progress.role {
                    _ if set.id == chosen.id => Role::Primary,
                    Role::Primary => Role::Active,
                    other => other,
                };
                if role != set.progress.role {
                    let mut set = TaskSet { updated_at: call.now, ..set };
                    set.progress.role = role;
                    tx.put(set);
                }
            }
            let service = Service { revision: Some(chosen.id), ..Service::clone(&service) };
            tx.put(service.clone());
            let set = tx.get::<TaskSet>(&(service.id, chosen.id)).map_or(&*chosen, |set| set);
            Ok::<_, api::Error>(render::task_set(tx, &cluster, &service, set, true))
        })
        .await?;
    Ok(api::UpdateServicePrimaryTaskSetResponse { task_set: Some(set) })
}

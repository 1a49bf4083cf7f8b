//! DeregisterContainerInstance: a host leaves its cluster.
//!
//! AWS: with `force`, tasks that still run there are no longer looked after. Berth says so in their
//! record; the containers are left alone.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_lifecycle::StopCause;
use berth_model::{ContainerInstanceStatus, StopCode, Timestamp};

use crate::progress;
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{ContainerInstance, Task};

pub async fn deregister_container_instance(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeregisterContainerInstanceRequest,
) -> Result<api::DeregisterContainerInstanceResponse, Failure<api::Error>> {
    let instance = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let given = input.container_instance.unwrap_or_default();
            let instance = resolve::container_instance(tx, &cluster, &given)?
                .filter(|instance| instance.status != ContainerInstanceStatus::Inactive)
                .ok_or_else(|| {
                    api::Error::invalid_parameter(
                        "The referenced container instance was not found.",
                    )
                })?;
            if has_unfinished_tasks(tx, &instance) && input.force != Some(true) {
                return Err(api::Error::invalid_parameter("Found running tasks on the instance."));
            }
            abandon_tasks(tx, &instance, call.now);
            let gone = ContainerInstance {
                status: ContainerInstanceStatus::Inactive,
                agent_connected: false,
                version: instance.version + 1,
                connection_changed_at: Some(call.now),
                deregistered_at: Some(call.now),
                ..(*instance).clone()
            };
            tx.put(gone.clone());
            Ok(render::container_instance(tx, &cluster, &gone, true, false))
        })
        .await?;
    Ok(api::DeregisterContainerInstanceResponse { container_instance: Some(instance) })
}

/// Those on their way down count too: their containers may still be there.
fn has_unfinished_tasks(view: &impl View, instance: &ContainerInstance) -> bool {
    let tasks = view.table::<Task>();
    tasks.indexes().unfinished_by_instance.first(&instance.id).is_some()
}

/// Ends the record of every task there: nobody will report them any more.
fn abandon_tasks(tx: &mut Transaction, instance: &ContainerInstance, now: Timestamp) {
    let cause = StopCause {
        code: StopCode::TerminationNotice,
        reason: "The container instance was deregistered by the user.".to_owned(),
    };
    let tasks = tx.table::<Task>();
    let here =
        tasks.indexes().unfinished_by_instance.get(&instance.id).filter_map(|id| tasks.get(id));
    let ended: Vec<Task> =
        here.filter_map(|task| progress::ended(tx, task, cause.clone(), now)).collect();
    for task in ended {
        tx.put(task);
    }
}

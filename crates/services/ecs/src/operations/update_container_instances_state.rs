//! UpdateContainerInstancesState: puts instances in service or drains them. An agent may do so to its own.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ContainerInstanceArn, ContainerInstanceStatus};

use crate::identity::{not_yours, speaks_for};
use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ContainerInstance;

const MOST: usize = 10;

pub async fn update_container_instances_state(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateContainerInstancesStateRequest,
) -> Result<api::UpdateContainerInstancesStateResponse, Failure<api::Error>> {
    let status = status(input.status)?;
    let wanted = input.container_instances.unwrap_or_default();
    if !(1..=MOST).contains(&wanted.len()) {
        let message = format!(
            "containerInstances: between 1 and {MOST} are expected; {} were given.",
            wanted.len()
        );
        return Err(invalid(message).into());
    }
    let (instances, failures) = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let (mut instances, mut failures) = (Vec::new(), Vec::new());
            for given in wanted {
                let id = resolve::container_instance_id(&cluster, &given)?;
                let arn = ContainerInstanceArn {
                    scope: call.scope.clone(),
                    cluster: Some(cluster.name.clone()),
                    id,
                };
                let Some(found) = resolve::container_instance(tx, &cluster, &given)? else {
                    failures.push(render::failure(arn.to_string(), "MISSING"));
                    continue;
                };
                if !speaks_for(&call, &found) {
                    return Err(not_yours(
                        &call,
                        "UpdateContainerInstancesState",
                        &arn.to_string(),
                    ));
                }
                if !matches!(
                    found.status,
                    ContainerInstanceStatus::Active | ContainerInstanceStatus::Draining
                ) {
                    failures.push(render::failure(arn.to_string(), found.status.as_str()));
                    continue;
                }
                let mut changed = ContainerInstance::clone(&found);
                if changed.status != status {
                    changed.status = status;
                    changed.version += 1;
                    tx.put(changed.clone());
                }
                instances.push(render::container_instance(tx, &cluster, &changed, true, false));
            }
            Ok::<_, api::Error>((instances, failures))
        })
        .await?;
    Ok(api::UpdateContainerInstancesStateResponse {
        container_instances: Some(instances),
        failures: Some(failures),
    })
}

fn status(
    given: Option<api::ContainerInstanceStatus>,
) -> Result<ContainerInstanceStatus, api::Error> {
    match given {
        Some(api::ContainerInstanceStatus::Active) => Ok(ContainerInstanceStatus::Active),
        Some(api::ContainerInstanceStatus::Draining) => Ok(ContainerInstanceStatus::Draining),
        other => {
            let given = other.map(|status| status.to_string()).unwrap_or_default();
            Err(invalid(format!("status: ACTIVE or DRAINING is expected, not `{given}`.")))
        }
    }
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

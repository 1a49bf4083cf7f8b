//! DeregisterTaskDefinition: what runs keeps running, nothing new starts.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::TaskDefinitionStatus;

use crate::render;
use crate::resolve::TaskDefinitionName;
use crate::service::Ecs;
use crate::tables::TaskDefinition;

pub async fn deregister_task_definition(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeregisterTaskDefinitionRequest,
) -> Result<api::DeregisterTaskDefinitionResponse, Failure<api::Error>> {
    let given = input.task_definition.unwrap_or_default();
    let name = TaskDefinitionName::parse(&call.scope, &given)?;
    if let TaskDefinitionName::Latest(family) = &name {
        let message = format!(
            "Revision is missing. `{family}` is a family; FAMILY:REVISION or an ARN is expected."
        );
        return Err(api::Error::client(message).into());
    }
    let row = ecs
        .cell
        .write(move |tx| {
            let found = name.find(tx, &call.scope).ok_or_else(|| {
                api::Error::client(
                    "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
                )
            })?;
            match found.status {
                TaskDefinitionStatus::Active => {
                    let row = TaskDefinition {
                        status: TaskDefinitionStatus::Inactive,
                        deregistered_at: Some(call.now),
                        ..(*found).clone()
                    };
                    tx.put(row.clone());
                    Ok(row)
                }
                // Done already: asking again is no mistake.
                TaskDefinitionStatus::Inactive => Ok((*found).clone()),
                TaskDefinitionStatus::DeleteInProgress => Err(api::Error::client(
                    "The specified task definition is in DELETE_IN_PROGRESS status and cannot be deregistered.",
                )),
            }
        })
        .await?;
    Ok(api::DeregisterTaskDefinitionResponse {
        task_definition: Some(render::task_definition(&row)),
    })
}

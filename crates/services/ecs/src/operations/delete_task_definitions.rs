//! DeleteTaskDefinitions: marks INACTIVE revisions for deletion.
//!
//! They go when no task refers to them any more (`reconcilers/task_definition_deletion.rs`).

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::{Scope, TaskDefinitionStatus, Timestamp};

use crate::render;
use crate::resolve::TaskDefinitionName;
use crate::service::Ecs;
use crate::tables::TaskDefinition;

const MOST: usize = 10;

pub async fn delete_task_definitions(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteTaskDefinitionsRequest,
) -> Result<api::DeleteTaskDefinitionsResponse, Failure<api::Error>> {
    let wanted = input.task_definitions.unwrap_or_default();
    if wanted.is_empty() {
        return Err(api::Error::invalid_parameter("taskDefinitions cannot be empty.").into());
    }
    if wanted.len() > MOST {
        let message = format!(
            "taskDefinitions: at most {MOST} can be deleted at once; {} were given.",
            wanted.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    let parse =
        |given: String| TaskDefinitionName::parse(&call.scope, &given).map(|name| (given, name));
    let wanted = wanted.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let (deleted, failures) = ecs
        .cell
        .write(move |tx| {
            let (mut deleted, mut failures) = (Vec::new(), Vec::new());
            for (given, name) in wanted {
                match delete(tx, &call.scope, &name, call.now) {
                    Ok(row) => deleted.push(render::task_definition(&row)),
                    Err(Refusal { row, reason }) => {
                        let arn =
                            row.map_or(given, |row| render::task_definition_arn(&row).to_string());
                        failures.push(render::failure(arn, reason));
                    }
                }
            }
            Ok::<_, api::Error>((deleted, failures))
        })
        .await?;
    Ok(api::DeleteTaskDefinitionsResponse {
        task_definitions: Some(deleted),
        failures: Some(failures),
    })
}

/// Why a revision stays.
struct Refusal {
    row: Option<Arc<TaskDefinition>>,
    reason: &'static str,
}

fn delete(
    tx: &mut Transaction,
    scope: &Scope,
    name: &TaskDefinitionName,
    now: Timestamp,
) -> Result<TaskDefinition, Refusal> {
    if let TaskDefinitionName::Latest(_) = name {
        return Err(Refusal {
            row: None,
            reason: "The specified task definition identifier is missing a revision.",
        });
    }
    let Some(found) = name.find(tx, scope) else {
        let reason = "The specified task definition does not exist. Specify a valid account, family, revision and try again.";
        return Err(Refusal { row: None, reason });
    };
    match found.status {
        TaskDefinitionStatus::Active => {
            let reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
            Err(Refusal { row: Some(found), reason })
        }
        TaskDefinitionStatus::Inactive => {
            let row = TaskDefinition {
                status: TaskDefinitionStatus::DeleteInProgress,
                delete_requested_at: Some(now),
                ..(*found).clone()
            };
            tx.put(row.clone());
            Ok(row)
        }
        TaskDefinitionStatus::DeleteInProgress => Ok((*found).clone()),
    }
}

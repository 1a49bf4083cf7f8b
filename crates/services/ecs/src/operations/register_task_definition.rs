//! RegisterTaskDefinition: a new revision of a family.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{TaskDefinitionId, TaskDefinitionStatus};

use crate::identity::principal_arn;
use crate::render;
use crate::service::Ecs;
use crate::tables::{Content, TaskDefinition, TaskDefinitionFamily};
use crate::tagging;
use crate::task_definition;

pub async fn register_task_definition(
    ecs: Arc<Ecs>,
    call: Call,
    mut input: api::RegisterTaskDefinitionRequest,
) -> Result<api::RegisterTaskDefinitionResponse, Failure<api::Error>> {
    let tags = tagging::new_tags(input.tags.take())?;
    let definition = task_definition::define(input, &ecs.limits)?;
    let limit = ecs.limits.revisions_per_family;
    let row = TaskDefinition {
        id: TaskDefinitionId::from_bytes(ecs.env.id()),
        registered_by: principal_arn(&call),
        scope: call.scope,
        family: definition.family,
        // The transaction knows which it is.
        revision: 0,
        status: TaskDefinitionStatus::Active,
        registered_at: call.now,
        deregistered_at: None,
        delete_requested_at: None,
        content: Content::new(definition.content),
        tags,
    };
    let row = ecs
        .cell
        .write(move |tx| {
            let key = (row.scope.clone(), row.family.clone());
            let last =
                tx.get::<TaskDefinitionFamily>(&key).map_or(0, |family| family.last_revision);
            if last >= limit {
                return Err(api::Error::limit_exceeded(format!(
                    "The maximum number of revisions of a family is {limit}, which {} has reached.",
                    row.family
                )));
            }
            let (scope, family) = key;
            tx.put(TaskDefinitionFamily { scope, family, last_revision: last + 1 });
            let row = TaskDefinition { revision: last + 1, ..row };
            tx.put(row.clone());
            Ok(row)
        })
        .await?;
    Ok(api::RegisterTaskDefinitionResponse {
        task_definition: Some(render::task_definition(&row)),
        tags: (!row.tags.is_empty()).then(|| render::tags(&row.tags)),
    })
}

//! A task definition as DescribeTaskDefinition and the operations that change it show it.

use berth_aws_api::ecs as api;
use berth_model::{FamilyRevision, TaskDefinitionArn};

use crate::tables::TaskDefinition;

pub fn task_definition_arn(definition: &TaskDefinition) -> TaskDefinitionArn {
    TaskDefinitionArn {
        scope: definition.scope.clone(),
        revision: FamilyRevision {
            family: definition.family.clone(),
            revision: definition.revision,
        },
    }
}

pub fn task_definition(definition: &TaskDefinition) -> api::TaskDefinition {
    api::TaskDefinition {
        task_definition_arn: Some(task_definition_arn(definition).to_string()),
        family: Some(definition.family.to_string()),
        revision: i32::try_from(definition.revision).ok(),
        status: Some(definition.status.as_str().into()),
        registered_at: Some(definition.registered_at),
        deregistered_at: definition.deregistered_at,
        delete_requested_at: definition.delete_requested_at,
        registered_by: Some(definition.registered_by.clone()),
        ..(*definition.content).clone()
    }
}

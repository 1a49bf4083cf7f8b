//! DescribeTaskDefinition: the latest ACTIVE revision of a family, or any revision by its name.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use crate::render;
use crate::resolve::TaskDefinitionName;
use crate::service::Ecs;

pub async fn describe_task_definition(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeTaskDefinitionRequest,
) -> Result<api::DescribeTaskDefinitionResponse, Failure<api::Error>> {
    let view = ecs.cell.snapshot();
    let name = TaskDefinitionName::parse(
        &call.scope,
        input.task_definition.as_deref().unwrap_or_default(),
    )?;
    let found = name
        .find(&view, &call.scope)
        .ok_or_else(|| api::Error::client("Unable to describe task definition."))?;
    let with_tags = input.include.unwrap_or_default().contains(&api::TaskDefinitionField::Tags);
    Ok(api::DescribeTaskDefinitionResponse {
        task_definition: Some(render::task_definition(&found)),
        tags: Some(if with_tags { render::tags(&found.tags) } else { Vec::new() }),
    })
}

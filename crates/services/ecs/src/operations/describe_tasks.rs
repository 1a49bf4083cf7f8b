//! DescribeTasks: up to a hundred at once, stopped ones while they are remembered.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::TaskArn;

use crate::render;
use crate::resolve;
use crate::service::Ecs;

const MOST: usize = 100;

pub async fn describe_tasks(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeTasksRequest,
) -> Result<api::DescribeTasksResponse, Failure<api::Error>> {
    let wanted = input.tasks.unwrap_or_default();
    if wanted.is_empty() {
        return Err(api::Error::invalid_parameter("Tasks cannot be empty.").into());
    }
    if wanted.len() > MOST {
        let message =
            format!("tasks: at most {MOST} can be described at once; {} were given.", wanted.len());
        return Err(api::Error::invalid_parameter(message).into());
    }
    let tags = input.include.unwrap_or_default().contains(&api::TaskField::Tags);
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        let id = resolve::task_id(&cluster, &given)?;
        match resolve::task(&view, &cluster, &given)? {
            Some(found) => tasks.push(render::task(&view, &cluster, &found, tags)),
            None => {
                let arn =
                    TaskArn { scope: call.scope.clone(), cluster: Some(cluster.name.clone()), id };
                failures.push(render::failure(arn.to_string(), "MISSING"));
            }
        }
    }
    Ok(api::DescribeTasksResponse { tasks: Some(tasks), failures: Some(failures) })
}

//! DescribeContainerInstances: up to a hundred at once; what is not found is a failure, not an error.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::ContainerInstanceArn;

use crate::health::updated;
use crate::render;
use crate::resolve;
use crate::service::Ecs;

const MOST: usize = 100;

pub async fn describe_container_instances(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeContainerInstancesRequest,
) -> Result<api::DescribeContainerInstancesResponse, Failure<api::Error>> {
    let wanted = input.container_instances.unwrap_or_default();
    if wanted.is_empty() {
        return Err(invalid("Container instance cannot be empty.".to_owned()).into());
    }
    if wanted.len() > MOST {
        let message = format!(
            "containerInstances: at most {MOST} can be described at once; {} were given.",
            wanted.len()
        );
        return Err(invalid(message).into());
    }
    let include = input.include.unwrap_or_default();
    let tags = include.contains(&api::ContainerInstanceField::Tags);
    let health = include.contains(&api::ContainerInstanceField::ContainerInstanceHealth);
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let (mut instances, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        let id = resolve::container_instance_id(&cluster, &given)?;
        match resolve::container_instance(&view, &cluster, &given)? {
            Some(found) => {
                let mut shown = render::container_instance(&view, &cluster, &found, tags, health);
                if let Some(at) = ecs.telemetry.health_confirmed_at(&found.id) {
                    shown.health_status =
                        shown.health_status.map(|health| updated(&health, Some(at)));
                }
                instances.push(shown);
            }
            None => {
                let arn = ContainerInstanceArn {
                    scope: call.scope.clone(),
                    cluster: Some(cluster.name.clone()),
                    id,
                };
                failures.push(render::failure(arn.to_string(), "MISSING"));
            }
        }
    }
    Ok(api::DescribeContainerInstancesResponse {
        container_instances: Some(instances),
        failures: Some(failures),
    })
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

//! DescribeServices: up to ten at once, INACTIVE ones while they are remembered.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::ServiceArn;

use crate::render;
use crate::resolve;
use crate::service::Ecs;

const MOST: usize = 10;

pub async fn describe_services(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DescribeServicesRequest,
) -> Result<api::DescribeServicesResponse, Failure<api::Error>> {
    let wanted = input.services.unwrap_or_default();
    if wanted.is_empty() {
        return Err(api::Error::invalid_parameter("Services cannot be empty.").into());
    }
    if wanted.len() > MOST {
        let message = format!(
            "services: at most {MOST} can be described at once; {} were given.",
            wanted.len()
        );
        return Err(api::Error::invalid_parameter(message).into());
    }
    let tags = input.include.unwrap_or_default().contains(&api::ServiceField::Tags);
    let view = ecs.cell.snapshot();
    let cluster = resolve::cluster(&view, &call.scope, input.cluster.as_deref())?;
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for given in wanted {
        let name = resolve::service_name(&cluster, &given)?;
        match resolve::service(&view, &cluster, &given)? {
            Some(found) => services.push(render::service(&view, &cluster, &found, tags)),
            None => {
                let (scope, cluster) = (cluster.scope.clone(), Some(cluster.name.clone()));
                let arn = ServiceArn { scope, cluster, name };
                failures.push(render::failure(arn.to_string(), "MISSING"));
            }
        }
    }
    Ok(api::DescribeServicesResponse { services: Some(services), failures: Some(failures) })
}

//! StopServiceDeployment: asks for a deployment under way to end; planning does what that takes.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::ServiceDeploymentStatus as Status;

use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::ServiceDeployment;

pub async fn stop_service_deployment(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::StopServiceDeploymentRequest,
) -> Result<api::StopServiceDeploymentResponse, Failure<api::Error>> {
    let given = input.service_deployment_arn.unwrap_or_default();
    let rollback = match input.stop_type {
        None | Some(api::StopServiceDeploymentStopType::Rollback) => true,
        Some(api::StopServiceDeploymentStopType::Abort) => false,
        Some(api::StopServiceDeploymentStopType::Unknown(word)) => {
            let message = format!("stopType: `{word}` is neither ABORT nor ROLLBACK.");
            return Err(api::Error::invalid_parameter(message).into());
        }
    };
    let arn = ecs
        .cell
        .write(move |tx| {
            let (cluster, service, row) =
                resolve::existing_service_deployment(tx, &call.scope, &given)?;
            let mut stopped = ServiceDeployment::clone(&row);
            if !stopped.progress.request_stop(rollback) {
                return Err(not_under_way(&given, row.progress.status));
            }
            if stopped != *row {
                stopped.progress.updated_at = call.now;
                tx.put(stopped);
            }
            Ok(render::service_deployment_arn(&cluster, &service, &row).to_string())
        })
        .await?;
    Ok(api::StopServiceDeploymentResponse { service_deployment_arn: Some(arn) })
}

fn not_under_way(given: &str, status: Status) -> api::Error {
    api::Error::ConflictException(api::ConflictException {
        resource_ids: Some(vec![given.to_owned()]),
        message: Some(format!("The service deployment cannot be stopped: it is {status} already.")),
    })
}

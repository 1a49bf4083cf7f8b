//! DeleteService: the service is DRAINING; its reconciler stops the tasks and makes it INACTIVE.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::ServiceStatus;

use crate::render;
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Service, TaskSet};

pub async fn delete_service(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteServiceRequest,
) -> Result<api::DeleteServiceResponse, Failure<api::Error>> {
    let service = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let given = input.service.as_deref().unwrap_or_default();
            let service = resolve::service(tx, &cluster, given)?
                .filter(|service| service.status != ServiceStatus::Inactive)
                .ok_or_else(|| api::Error::service_not_found("Service not found."))?;
            if service.status == ServiceStatus::Draining {
                // Asked for already: once more is no mistake.
                return Ok(render::service(tx, &cluster, &service, true));
            }
            if input.force != Some(true) {
                let has_task_sets = tx.table::<TaskSet>().within(&service.id).next().is_some();
                refuse_unless_scaled_down(&service, has_task_sets)?;
            }
            let deleted = Service {
                status: ServiceStatus::Draining,
                desired_count: 0,
                ..Service::clone(&service)
            };
            tx.put(deleted.clone());
            Ok::<_, api::Error>(render::service(tx, &cluster, &deleted, true))
        })
        .await?;
    Ok(api::DeleteServiceResponse { service: Some(service) })
}

/// AWS: a daemon is never scaled, so it needs no force.
fn refuse_unless_scaled_down(service: &Service, has_task_sets: bool) -> Result<(), api::Error> {
    if service.is_daemon() {
        return Ok(());
    }
    if service.desired_count > 0 {
        return Err(api::Error::invalid_parameter(
            "The service cannot be stopped while it is scaled above 0.",
        ));
    }
    if has_task_sets {
        return Err(api::Error::invalid_parameter(
            "The service cannot be stopped while it has task sets.",
        ));
    }
    Ok(())
}

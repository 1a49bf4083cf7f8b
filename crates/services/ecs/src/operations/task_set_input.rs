//! What the operations on task sets share: whose task sets they are, and how large one is to be.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_model::DeploymentController;

use crate::resolve::{self, OfService};
use crate::tables::{Cluster, Service, TaskSet};

/// A service whose task sets are its owner's to change.
pub fn external_service(
    view: &impl View,
    call: &Call,
    cluster: Option<&str>,
    service: Option<&str>,
) -> Result<(Arc<Cluster>, Arc<Service>), api::Error> {
    let (cluster, service) = active_service(view, call, cluster, service)?;
    if service.controller != DeploymentController::External {
        return Err(api::Error::invalid_parameter(format!(
            "Task sets can only be changed on services with an EXTERNAL deployment controller; \
             this service's is {}.",
            service.controller
        )));
    }
    Ok((cluster, service))
}

/// One of the task sets of such a service.
pub fn task_set(
    view: &impl View,
    call: &Call,
    cluster: Option<&str>,
    service: Option<&str>,
    task_set: Option<&str>,
) -> Result<OfService<TaskSet>, api::Error> {
    let (cluster, service) = external_service(view, call, cluster, service)?;
    let set = resolve::task_set(view, &cluster, &service, task_set.unwrap_or_default())?;
    Ok((cluster, service, set))
}

pub fn active_service(
    view: &impl View,
    call: &Call,
    cluster: Option<&str>,
    service: Option<&str>,
) -> Result<(Arc<Cluster>, Arc<Service>), api::Error> {
    let cluster = resolve::cluster(view, &call.scope, cluster)?;
    let service = resolve::active_service(view, &cluster, service.unwrap_or_default())?;
    Ok((cluster, service))
}

/// In percent of the service's desired count. AWS: a new task set has none until it is scaled.
pub fn scale(given: Option<&api::Scale>) -> Result<f64, api::Error> {
    let Some(given) = given else { return Ok(0.0) };
    let value = given.value.unwrap_or(0.0);
    if (0.0..=100.0).contains(&value) {
        Ok(value)
    } else {
        Err(api::Error::invalid_parameter(format!(
            "scale.value must be between 0 and 100 percent, not {value}."
        )))
    }
}

//! Services, and what is theirs: from names, ids and ARNs to records.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{
    Arn, ClusterName, Scope, ServiceArn, ServiceDeploymentArn, ServiceName, ServiceRevisionArn,
    ServiceStatus, TaskSetArn, TaskSetId,
};

use super::{identifier, same_cluster, same_scope};
use crate::tables::{Cluster, Service, ServiceDeployment, ServiceRevision, TaskSet};

/// Something that is a service's, with the service and the cluster that it is in.
pub type OfService<R> = (Arc<Cluster>, Arc<Service>, Arc<R>);

/// A service of this cluster, whatever its status: DRAINING and INACTIVE ones can be described.
pub fn service(
    view: &impl View,
    cluster: &Cluster,
    given: &str,
) -> Result<Option<Arc<Service>>, api::Error> {
    let name = service_name(cluster, given)?;
    let services = view.table::<Service>();
    let id = services.indexes().by_name.first(&(cluster.id, name));
    Ok(id.and_then(|id| services.get_shared(id)))
}

/// A service that takes orders, or ServiceNotFoundException, or ServiceNotActiveException.
pub fn active_service(
    view: &impl View,
    cluster: &Cluster,
    given: &str,
) -> Result<Arc<Service>, api::Error> {
    let found = service(view, cluster, given)?;
    let found = found.ok_or_else(|| api::Error::service_not_found("Service not found."))?;
    if found.status != ServiceStatus::Active {
        return Err(api::Error::service_not_active("Service was not ACTIVE."));
    }
    Ok(found)
}

pub fn service_name(cluster: &Cluster, given: &str) -> Result<ServiceName, api::Error> {
    if !Arn::is_meant_by(given) {
        return identifier(given);
    }
    let arn: ServiceArn = identifier(given)?;
    same_scope(&cluster.scope, &arn.scope, given)?;
    same_cluster(cluster, arn.cluster.as_ref())?;
    Ok(arn.name)
}

/// The name for a new service: never an ARN.
pub fn new_service_name(given: Option<&str>) -> Result<ServiceName, api::Error> {
    let name = given.unwrap_or_default().parse();
    name.map_err(|error| api::Error::invalid_parameter(format!("serviceName: {error}.")))
}

/// A service deployment by its ARN, with the service and the cluster that it is of.
pub fn service_deployment(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<Option<OfService<ServiceDeployment>>, api::Error> {
    let arn: ServiceDeploymentArn = identifier(given)?;
    same_scope(scope, &arn.scope, given)?;
    let deployments = view.table::<ServiceDeployment>();
    let found = owner(view, scope, &arn.cluster, &arn.service).and_then(|(cluster, service)| {
        let key = deployments.indexes().by_id.first(&arn.id)?;
        let row = deployments.get_shared(key).filter(|row| row.service == service.id)?;
        Some((cluster, service, row))
    });
    Ok(found)
}

/// The same, or ServiceDeploymentNotFoundException.
pub fn existing_service_deployment(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<OfService<ServiceDeployment>, api::Error> {
    service_deployment(view, scope, given)?.ok_or_else(|| {
        let message = format!("The service deployment `{given}` was not found.");
        api::Error::service_deployment_not_found(message)
    })
}

/// A service revision by its ARN, with the service and the cluster that it is of.
pub fn service_revision(
    view: &impl View,
    scope: &Scope,
    given: &str,
) -> Result<Option<OfService<ServiceRevision>>, api::Error> {
    let arn: ServiceRevisionArn = identifier(given)?;
    same_scope(scope, &arn.scope, given)?;
    let revisions = view.table::<ServiceRevision>();
    let found = owner(view, scope, &arn.cluster, &arn.service).and_then(|(cluster, service)| {
        let row = revisions.get_shared(&(service.id, arn.id.deployment()))?;
        Some((cluster, service, row))
    });
    Ok(found)
}

/// A task set of this service, from its id or ARN, or TaskSetNotFoundException.
pub fn task_set(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    given: &str,
) -> Result<Arc<TaskSet>, api::Error> {
    let id = task_set_id(cluster, service, given)?;
    let found = view.table::<TaskSet>().get_shared(&(service.id, id));
    found.ok_or_else(|| api::Error::task_set_not_found("The specified task set was not found."))
}

/// Whether there is such a task set is not asked.
pub fn task_set_id(
    cluster: &Cluster,
    service: &Service,
    given: &str,
) -> Result<TaskSetId, api::Error> {
    if !Arn::is_meant_by(given) {
        return identifier(given);
    }
    let arn: TaskSetArn = identifier(given)?;
    same_scope(&cluster.scope, &arn.scope, given)?;
    same_cluster(cluster, Some(&arn.cluster))?;
    if arn.service != service.name {
        return Err(api::Error::invalid_parameter(format!(
            "Identifier is for service {}. Your service is {}",
            arn.service, service.name
        )));
    }
    Ok(arn.id)
}

fn owner(
    view: &impl View,
    scope: &Scope,
    cluster: &ClusterName,
    service: &ServiceName,
) -> Option<(Arc<Cluster>, Arc<Service>)> {
    let (clusters, services) = (view.table::<Cluster>(), view.table::<Service>());
    let id = clusters.indexes().by_name.first(&(scope.clone(), cluster.clone()))?;
    let service = services.indexes().by_name.first(&(*id, service.clone()))?;
    Some((clusters.get_shared(id)?, services.get_shared(service)?))
}

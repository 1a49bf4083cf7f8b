//! Which container instance an attribute of a request is for.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{Arn, ContainerInstanceStatus};

use crate::resolve;
use crate::tables::{Cluster, ContainerInstance};

/// AWS: an ARN says by itself what it names; beside an id the type of the target must stand.
pub fn find(
    view: &impl View,
    cluster: &Cluster,
    index: usize,
    attribute: &api::Attribute,
) -> Result<Arc<ContainerInstance>, api::Error> {
    let invalid =
        |problem: String| api::Error::invalid_parameter(format!("attributes[{index}]: {problem}"));
    let id = attribute.target_id.as_deref().unwrap_or_default();
    if id.is_empty() {
        return Err(invalid(
            "targetId is missing: the ARN or id of a container instance.".to_owned(),
        ));
    }
    if !Arn::is_meant_by(id) && attribute.target_type.is_none() {
        return Err(invalid(format!(
            "targetType must be given, since the targetId `{id}` is not an ARN."
        )));
    }
    resolve::container_instance(view, cluster, id)?
        .filter(|instance| instance.status != ContainerInstanceStatus::Inactive)
        .ok_or_else(|| {
            api::Error::target_not_found(format!(
                "attributes[{index}]: the cluster {} has no container instance `{id}`.",
                cluster.name
            ))
        })
}

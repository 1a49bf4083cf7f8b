//! DeleteCluster: an empty cluster becomes INACTIVE; one with anything in it is refused.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::{ClusterStatus, ContainerInstanceStatus};

use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, ContainerInstance, Service, Task};

pub async fn delete_cluster(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteClusterRequest,
) -> Result<api::DeleteClusterResponse, Failure<api::Error>> {
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            refuse_unless_empty(tx, &cluster)?;
            let deleted = Cluster {
                status: ClusterStatus::Inactive,
                deleted_at: Some(call.now),
                ..(*cluster).clone()
            };
            tx.put(deleted.clone());
            Ok::<_, api::Error>(render::cluster(tx, &deleted, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::DeleteClusterResponse { cluster: Some(cluster) })
}

fn refuse_unless_empty(view: &impl View, cluster: &Cluster) -> Result<(), api::Error> {
    let instances = view.table::<ContainerInstance>();
    let registered = |status: ContainerInstanceStatus| status != ContainerInstanceStatus::Inactive;
    let mut of_cluster =
        instances.indexes().by_cluster.get(&cluster.id).filter_map(|id| instances.get(id));
    if of_cluster.any(|instance| registered(instance.status)) {
        return Err(api::Error::cluster_contains_container_instances(
            "The Cluster cannot be deleted while Container Instances are active or draining.",
        ));
    }
    if view.table::<Service>().indexes().present.get(&cluster.id) > 0 {
        return Err(api::Error::cluster_contains_services(
            "The Cluster cannot be deleted while Services are active.",
        ));
    }
    if view.table::<Task>().indexes().unfinished(cluster.id) > 0 {
        return Err(api::Error::cluster_contains_tasks(
            "The Cluster cannot be deleted while Tasks are active.",
        ));
    }
    Ok(())
}

//! UpdateCluster: changes settings and configuration, each only if it is given.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::cluster_input;
use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Cluster;

pub async fn update_cluster(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateClusterRequest,
) -> Result<api::UpdateClusterResponse, Failure<api::Error>> {
    cluster_input::refuse_service_connect(input.service_connect_defaults)?;
    let settings = cluster_input::settings(input.settings.unwrap_or_default())?;
    let configuration = input.configuration.map(cluster_input::configuration).transpose()?;
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let mut cluster = Cluster::clone(&cluster);
            cluster.settings.extend(settings);
            cluster.configuration = configuration.or(cluster.configuration);
            tx.put(cluster.clone());
            Ok::<_, api::Error>(render::cluster(tx, &cluster, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::UpdateClusterResponse { cluster: Some(cluster) })
}

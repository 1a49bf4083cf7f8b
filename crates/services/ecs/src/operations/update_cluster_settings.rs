//! UpdateClusterSettings: changes the settings that are given.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::cluster_input;
use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Cluster;

pub async fn update_cluster_settings(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateClusterSettingsRequest,
) -> Result<api::UpdateClusterSettingsResponse, Failure<api::Error>> {
    let settings = cluster_input::settings(input.settings.unwrap_or_default())?;
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let mut cluster = Cluster::clone(&cluster);
            cluster.settings.extend(settings);
            tx.put(cluster.clone());
            Ok::<_, api::Error>(render::cluster(tx, &cluster, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::UpdateClusterSettingsResponse { cluster: Some(cluster) })
}

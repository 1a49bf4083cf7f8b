//! PutClusterCapacityProviders: replaces a cluster's capacity providers and its default strategy.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::cluster_input;
use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Cluster;

pub async fn put_cluster_capacity_providers(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::PutClusterCapacityProvidersRequest,
) -> Result<api::PutClusterCapacityProvidersResponse, Failure<api::Error>> {
    let capacity_providers =
        cluster_input::capacity_providers(input.capacity_providers.unwrap_or_default())?;
    let strategy = cluster_input::capacity_provider_strategy(
        input.default_capacity_provider_strategy.unwrap_or_default(),
        &capacity_providers,
    )?;
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let mut cluster = Cluster::clone(&cluster);
            cluster.capacity_providers = capacity_providers;
            cluster.default_capacity_provider_strategy = strategy;
            tx.put(cluster.clone());
            Ok::<_, api::Error>(render::cluster(tx, &cluster, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::PutClusterCapacityProvidersResponse { cluster: Some(cluster) })
}

//! CreateCluster: makes a cluster, revives a deleted one, or answers with the one that is there.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::{ClusterId, ClusterStatus};

use super::cluster_input;
use crate::capacity_providers;
use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::Cluster;
use crate::tagging;

pub async fn create_cluster(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::CreateClusterRequest,
) -> Result<api::CreateClusterResponse, Failure<api::Error>> {
    let cluster = requested(&ecs, &call, input)?;
    let limit = ecs.limits.clusters;
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster =
                match resolve::any_cluster(tx, &cluster.scope, Some(cluster.name.as_str()))? {
                    // AWS: the same name again is a success that changes nothing.
                    Some(existing) if existing.status == ClusterStatus::Active => {
                        return Ok(render::cluster(tx, &existing, ClusterDetail::CHANGED));
                    }
                    Some(deleted) => Cluster { id: deleted.id, ..cluster },
                    None => cluster,
                };
            let active = tx.table::<Cluster>().indexes().active.get(&cluster.scope);
            if active >= limit as u64 {
                return Err(api::Error::client(format!(
                    "The maximum number of clusters in this account and region is {limit}."
                )));
            }
            tx.put(cluster.clone());
            Ok(render::cluster(tx, &cluster, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::CreateClusterResponse { cluster: Some(cluster) })
}

/// The cluster that the request describes, were it new.
fn requested(
    ecs: &Ecs,
    call: &Call,
    input: api::CreateClusterRequest,
) -> Result<Cluster, api::Error> {
    cluster_input::refuse_service_connect(input.service_connect_defaults)?;
    let view = ecs.cell.snapshot();
    let capacity_providers = capacity_providers::associated(
        &view,
        &call.scope,
        &input.capacity_providers.unwrap_or_default(),
    )?;
    let strategy = input.default_capacity_provider_strategy.unwrap_or_default();
    let mut settings = cluster_input::default_settings(&view, call);
    settings.extend(cluster_input::settings(input.settings.unwrap_or_default())?);
    Ok(Cluster {
        id: ClusterId::from_bytes(ecs.env.id()),
        scope: call.scope.clone(),
        name: resolve::new_cluster_name(input.cluster_name.as_deref())?,
        status: ClusterStatus::Active,
        created_at: call.now,
        settings,
        configuration: input.configuration.map(cluster_input::configuration).transpose()?,
        service_connect_defaults: None,
        default_capacity_provider_strategy: capacity_providers::strategy(
            &call.scope,
            strategy,
            &capacity_providers,
        )?,
        capacity_providers,
        tags: tagging::new_tags(input.tags)?,
        deleted_at: None,
    })
}

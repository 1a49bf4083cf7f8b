//! PutClusterCapacityProviders: replaces a cluster's capacity providers and its default strategy.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::DesiredStatus;

use crate::capacity_providers;
use crate::render::{self, ClusterDetail};
use crate::resolve;
use crate::service::Ecs;
use crate::tables::{Cluster, Task};

pub async fn put_cluster_capacity_providers(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::PutClusterCapacityProvidersRequest,
) -> Result<api::PutClusterCapacityProvidersResponse, Failure<api::Error>> {
    let given = input.capacity_providers.unwrap_or_default();
    let strategy = input.default_capacity_provider_strategy.unwrap_or_default();
    let cluster = ecs
        .cell
        .write(move |tx| {
            let cluster = resolve::cluster(tx, &call.scope, input.cluster.as_deref())?;
            let providers = capacity_providers::associated(tx, &call.scope, &given)?;
            let strategy = capacity_providers::strategy(&call.scope, strategy, &providers)?;
            refuse_if_in_use(tx, &cluster, &providers)?;
            let cluster = Cluster {
                capacity_providers: providers,
                default_capacity_provider_strategy: strategy,
                ..(*cluster).clone()
            };
            tx.put(cluster.clone());
            Ok::<_, api::Error>(render::cluster(tx, &cluster, ClusterDetail::CHANGED))
        })
        .await?;
    Ok(api::PutClusterCapacityProvidersResponse { cluster: Some(cluster) })
}

/// AWS: a provider that tasks are on, or wait for, cannot be taken from its cluster.
fn refuse_if_in_use(
    view: &impl View,
    cluster: &Cluster,
    remaining: &[String],
) -> Result<(), api::Error> {
    let lists = |all: &[String], provider: &str| all.iter().any(|listed| listed == provider);
    let taken = |provider: &str| {
        lists(&cluster.capacity_providers, provider) && !lists(remaining, provider)
    };
    if !cluster.capacity_providers.iter().any(|provider| taken(provider)) {
        return Ok(());
    }
    let tasks = view.table::<Task>();
    let of = |status| tasks.indexes().by_cluster.get(&(cluster.id, status));
    let mut ids = of(DesiredStatus::Running).chain(of(DesiredStatus::Stopped));
    let in_use = ids.any(|id| {
        let task = tasks.get(id).filter(|task| task.holds_resources());
        task.and_then(|task| task.capacity_provider.as_deref()).is_some_and(taken)
    });
    if in_use {
        return Err(api::Error::resource_in_use(
            "The specified capacity provider is in use and cannot be removed.",
        ));
    }
    Ok(())
}

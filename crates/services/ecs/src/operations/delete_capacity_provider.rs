//! DeleteCapacityProvider: a provider that no cluster has is INACTIVE from then on, and its name free.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};

use super::capacity_provider_input as input_rules;
use super::update_capacity_provider::made;
use crate::capacity_providers::{self, Provider};
use crate::render;
use crate::service::Ecs;
use crate::tables::CapacityProvider;

pub async fn delete_capacity_provider(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::DeleteCapacityProviderRequest,
) -> Result<api::DeleteCapacityProviderResponse, Failure<api::Error>> {
    input_rules::refuse_cluster(input.cluster)?;
    let named = input.capacity_provider.unwrap_or_default();
    let (scope, now) = (call.scope.clone(), call.now);
    let provider = ecs
        .cell
        .write(move |tx| {
            let known = made(tx, &scope, &named, "deleted")?;
            if let Some(cluster) = capacity_providers::cluster_with(tx, &scope, known.name.as_str())
            {
                return Err(api::Error::client(format!(
                    "The capacity provider cannot be deleted because it is associated with cluster: {cluster}. \
                     Remove the capacity provider from the cluster and try again."
                )));
            }
            let provider = CapacityProvider { deleted_at: Some(now), ..(*known).clone() };
            tx.put(provider.clone());
            Ok::<_, api::Error>(provider)
        })
        .await?;
    let shown =
        render::capacity_provider(&call.scope, &Provider::OfGroup(Arc::new(provider)), true);
    Ok(api::DeleteCapacityProviderResponse { capacity_provider: Some(shown) })
}

//! UpdateCapacityProvider: changes a provider's settings; its group stays.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;
use berth_model::Scope;

use super::capacity_provider_input as input_rules;
use crate::capacity_providers::{self, Provider};
use crate::render;
use crate::service::Ecs;
use crate::tables::{CapacityProvider, Stored};

pub async fn update_capacity_provider(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::UpdateCapacityProviderRequest,
) -> Result<api::UpdateCapacityProviderResponse, Failure<api::Error>> {
    input_rules::refuse_managed_instances(input.managed_instances_provider)?;
    input_rules::refuse_cluster(input.cluster)?;
    let given = input
        .auto_scaling_group_provider
        .ok_or_else(|| api::Error::invalid_parameter("autoScalingGroupProvider is required."))?;
    let named = input.name.unwrap_or_default();
    let (scope, now) = (call.scope.clone(), call.now);
    let provider = ecs
        .cell
        .write(move |tx| {
            let known = made(tx, &scope, &named, "updated")?;
            let group = input_rules::updated(&known.auto_scaling_group, given)?;
            let auto_scaling_group = Stored::new(group);
            let provider =
                CapacityProvider { auto_scaling_group, updated_at: Some(now), ..(*known).clone() };
            tx.put(provider.clone());
            Ok::<_, api::Error>(provider)
        })
        .await?;
    let shown =
        render::capacity_provider(&call.scope, &Provider::OfGroup(Arc::new(provider)), true);
    Ok(api::UpdateCapacityProviderResponse { capacity_provider: Some(shown) })
}

/// An ACTIVE provider that somebody made.
pub(super) fn made(
    view: &impl View,
    scope: &Scope,
    given: &str,
    what_for: &str,
) -> Result<Arc<CapacityProvider>, api::Error> {
    let name = capacity_providers::name(scope, given)?;
    match capacity_providers::find_active(view, scope, &name) {
        Some(Provider::OfGroup(made)) => Ok(made),
        Some(Provider::BuiltIn(name)) => Err(api::Error::invalid_parameter(format!(
            "The capacity provider {name} is reserved and cannot be {what_for}."
        ))),
        None => Err(api::Error::client(
            "The specified capacity provider does not exist. Specify a valid name or ARN and try again.",
        )),
    }
}

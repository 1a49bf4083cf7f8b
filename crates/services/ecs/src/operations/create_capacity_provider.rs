//! CreateCapacityProvider: names the instances of one Auto Scaling group.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, Failure};
use berth_control::tables::View;

use super::capacity_provider_input as input_rules;
use crate::capacity_providers::Provider;
use crate::render;
use crate::service::Ecs;
use crate::tables::{CapacityProvider, Stored};
use crate::tagging;

pub async fn create_capacity_provider(
    ecs: Arc<Ecs>,
    call: Call,
    input: api::CreateCapacityProviderRequest,
) -> Result<api::CreateCapacityProviderResponse, Failure<api::Error>> {
    input_rules::refuse_managed_instances(input.managed_instances_provider)?;
    input_rules::refuse_cluster(input.cluster)?;
    let group = input_rules::auto_scaling_group(&call.scope, input.auto_scaling_group_provider)?;
    let provider = CapacityProvider {
        scope: call.scope.clone(),
        name: input_rules::new_name(input.name.as_deref())?,
        auto_scaling_group: Stored::new(group),
        tags: tagging::new_tags(input.tags)?,
        created_at: call.now,
        updated_at: None,
        deleted_at: None,
    };
    let provider = ecs
        .cell
        .write(move |tx| {
            refuse_if_taken(tx, &provider)?;
            tx.put(provider.clone());
            Ok::<_, api::Error>(provider)
        })
        .await?;
    let shown =
        render::capacity_provider(&call.scope, &Provider::OfGroup(Arc::new(provider)), true);
    Ok(api::CreateCapacityProviderResponse { capacity_provider: Some(shown) })
}

fn refuse_if_taken(view: &impl View, provider: &CapacityProvider) -> Result<(), api::Error> {
    use berth_control::tables::Record;
    let known = view.table::<CapacityProvider>();
    if known.get(&provider.key()).is_some_and(CapacityProvider::is_active) {
        return Err(api::Error::client(
            "The specified capacity provider already exists. To change the configuration of an existing capacity \
             provider, update the capacity provider.",
        ));
    }
    let group = (provider.scope.clone(), provider.group_arn().to_owned());
    if known.indexes().by_group.first(&group).is_some() {
        return Err(api::Error::client(
            "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a \
             unique Auto Scaling group ARN and try again.",
        ));
    }
    Ok(())
}

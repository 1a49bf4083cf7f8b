//! A capacity provider as DescribeCapacityProviders and the operations that change it show it.

use berth_aws_api::ecs as api;
use berth_model::{CapacityProviderArn, CapacityProviderName, Scope};

use crate::capacity_providers::Provider;
use crate::tables::CapacityProvider;

pub fn capacity_provider_arn(scope: &Scope, name: CapacityProviderName) -> CapacityProviderArn {
    CapacityProviderArn { scope: scope.clone(), name }
}

/// `tags` are shown only where the caller asked for them.
pub fn capacity_provider(scope: &Scope, provider: &Provider, tags: bool) -> api::CapacityProvider {
    match provider {
        Provider::BuiltIn(name) => built_in(scope, name),
        Provider::OfGroup(made) => of_group(made, tags),
    }
}

fn built_in(scope: &Scope, name: &str) -> api::CapacityProvider {
    let r#type = match name {
        "FARGATE" => api::CapacityProviderType::Fargate,
        _ => api::CapacityProviderType::FargateSpot,
    };
    let named = name.parse().expect("a built-in provider's name is one");
    api::CapacityProvider {
        capacity_provider_arn: Some(capacity_provider_arn(scope, named).to_string()),
        name: Some(name.to_owned()),
        status: Some(api::CapacityProviderStatus::Active),
        tags: Some(Vec::new()),
        r#type: Some(r#type),
        ..Default::default()
    }
}

/// AWS: changes take their time there; here they are complete at once.
fn of_group(made: &CapacityProvider, tags: bool) -> api::CapacityProvider {
    use api::{CapacityProviderStatus as Status, CapacityProviderUpdateStatus as Update};
    let (status, update) = match (made.deleted_at, made.updated_at) {
        (Some(_), _) => (Status::Inactive, Some(Update::DeleteComplete)),
        (None, Some(_)) => (Status::Active, Some(Update::UpdateComplete)),
        (None, None) => (Status::Active, None),
    };
    let arn = capacity_provider_arn(&made.scope, made.name.clone());
    api::CapacityProvider {
        capacity_provider_arn: Some(arn.to_string()),
        name: Some(made.name.to_string()),
        status: Some(status),
        auto_scaling_group_provider: Some((*made.auto_scaling_group).clone()),
        update_status: update,
        tags: Some(if tags { super::tags(&made.tags) } else { Vec::new() }),
        r#type: Some(api::CapacityProviderType::Ec2Autoscaling),
        ..Default::default()
    }
}

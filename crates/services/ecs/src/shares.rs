//! How tasks are divided among the capacity providers of a strategy.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{DesiredStatus, TaskSetId};
use berth_scheduler::capacity::{StrategyItem, split};

use crate::capacity_providers::{self, Provider};
use crate::tables::{CapacityProvider, Cluster, Service, ServiceRevision, Stored, Task};

/// Some of the tasks, and the provider whose instances they are for.
pub struct Share {
    /// `None`: any instance of the cluster will do.
    pub provider: Option<Arc<CapacityProvider>>,
    pub count: u32,
}

/// `running` is how many of these tasks a provider has already. Without a strategy all is one share.
pub fn shares(
    view: &impl View,
    cluster: &Cluster,
    strategy: &[Stored<api::CapacityProviderStrategyItem>],
    count: u32,
    running: impl Fn(&str) -> u32,
) -> Result<Vec<Share>, api::Error> {
    if strategy.is_empty() {
        return Ok(vec![Share { provider: None, count }]);
    }
    let items: Vec<StrategyItem<'_>> = strategy.iter().map(|given| item(given, &running)).collect();
    let split = split(&items, count).into_iter().filter(|(_, count)| *count > 0);
    split
        .map(|(name, count)| Ok(Share { provider: Some(of_group(view, cluster, name)?), count }))
        .collect()
}

/// What each capacity provider is to have of so many tasks of a service's deployment, in view of what it has already.
pub fn of_deployment(
    view: &impl View,
    cluster: &Cluster,
    service: &Service,
    deployment: TaskSetId,
    count: u32,
) -> Result<Vec<Share>, api::Error> {
    let revision = view.get::<ServiceRevision>(&(service.id, deployment));
    let strategy = revision.map_or(&[][..], |revision| &revision.capacity_provider_strategy);
    let tasks = view.table::<Task>();
    let running = |provider: &str| {
        let of_service = tasks.indexes().by_service.get(&service.id);
        let of_provider = of_service.filter_map(|id| tasks.get(id)).filter(|task| {
            task.deployment == Some(deployment)
                && task.desired_status == DesiredStatus::Running
                && task.capacity_provider.as_deref() == Some(provider)
        });
        of_provider.count() as u32
    };
    shares(view, cluster, strategy, count, running)
}

/// Whether tasks can be divided so: every provider of the strategy is one that this version knows.
pub fn check(
    view: &impl View,
    cluster: &Cluster,
    strategy: &[Stored<api::CapacityProviderStrategyItem>],
) -> Result<(), api::Error> {
    let names = strategy.iter().filter_map(|item| item.capacity_provider.as_deref());
    names.map(|name| of_group(view, cluster, name)).try_for_each(|found| found.map(drop))
}

fn item<'a>(
    given: &'a api::CapacityProviderStrategyItem,
    running: impl Fn(&str) -> u32,
) -> StrategyItem<'a> {
    let number = |given: Option<i32>| u32::try_from(given.unwrap_or(0)).unwrap_or(0);
    let provider = given.capacity_provider.as_deref().unwrap_or_default();
    let (base, weight) = (number(given.base), number(given.weight));
    StrategyItem { provider, base, weight, running: running(provider) }
}

fn of_group(
    view: &impl View,
    cluster: &Cluster,
    name: &str,
) -> Result<Arc<CapacityProvider>, api::Error> {
    let found = capacity_providers::name(&cluster.scope, name)?;
    match capacity_providers::find_active(view, &cluster.scope, &found) {
        Some(Provider::OfGroup(made)) => Ok(made),
        Some(Provider::BuiltIn(name)) => Err(api::Error::unsupported_feature(format!(
            "The capacity provider {name} is not supported by this version of Berth; use one of an Auto Scaling \
             group, or give a launchType, EC2 or EXTERNAL."
        ))),
        None => Err(api::Error::invalid_parameter(format!(
            "The specified capacity provider '{name}' was not found."
        ))),
    }
}

//! Which capacity providers there are, and the rules of strategies that name them.
//!
//! A provider is an Auto Scaling group's, made by CreateCapacityProvider, or one of the two that belong to AWS
//! Fargate, which are there without having been made. Nothing here places a task or launches an instance.

use std::collections::BTreeSet;
use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{Arn, CapacityProviderArn, CapacityProviderName, Scope};

use crate::resolve;
use crate::tables::{CapacityProvider, Cluster, Stored};

/// AWS: a strategy names as many as a cluster can have.
const PER_CLUSTER: usize = 20;
const LARGEST_BASE: i32 = 100_000;
const LARGEST_WEIGHT: i32 = 1_000;

/// The providers that exist without having been created.
pub const BUILT_IN: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// A capacity provider, whoever made it.
#[derive(Clone, Debug, PartialEq)]
pub enum Provider {
    /// `FARGATE` or `FARGATE_SPOT`.
    BuiltIn(&'static str),
    OfGroup(Arc<CapacityProvider>),
}

/// The provider of that name, INACTIVE ones that are still remembered included.
pub fn find(view: &impl View, scope: &Scope, name: &CapacityProviderName) -> Option<Provider> {
    if let Some(built_in) = BUILT_IN.into_iter().find(|built_in| *built_in == name.as_str()) {
        return Some(Provider::BuiltIn(built_in));
    }
    let made = view.table::<CapacityProvider>().get_shared(&(scope.clone(), name.clone()));
    made.map(Provider::OfGroup)
}

/// A provider that tasks may be given to.
pub fn find_active(
    view: &impl View,
    scope: &Scope,
    name: &CapacityProviderName,
) -> Option<Provider> {
    find(view, scope, name).filter(|provider| match provider {
        Provider::BuiltIn(_) => true,
        Provider::OfGroup(made) => made.is_active(),
    })
}

/// A provider's name from its name or ARN.
pub fn name(scope: &Scope, given: &str) -> Result<CapacityProviderName, api::Error> {
    let wrong = |error: &dyn std::fmt::Display| invalid(format!("Invalid identifier: {error}"));
    if !Arn::is_meant_by(given) {
        return given.parse().map_err(|error| wrong(&error));
    }
    let arn: CapacityProviderArn = given.parse().map_err(|error| wrong(&error))?;
    resolve::same_scope(scope, &arn.scope, given)?;
    Ok(arn.name)
}

/// The providers that a cluster is to have, by name.
pub fn associated(
    view: &impl View,
    scope: &Scope,
    given: &[String],
) -> Result<Vec<String>, api::Error> {
    if given.len() > PER_CLUSTER {
        return Err(invalid(format!(
            "A cluster can have at most {PER_CLUSTER} capacity providers; {} were given.",
            given.len()
        )));
    }
    let mut names: Vec<String> = Vec::new();
    for given in given {
        let found = name(scope, given)?;
        if find_active(view, scope, &found).is_none() {
            return Err(invalid(format!(
                "The specified capacity provider '{given}' was not found."
            )));
        }
        if names.iter().any(|known| known == found.as_str()) {
            return Err(invalid(format!(
                "The capacity provider '{given}' was given more than once."
            )));
        }
        names.push(found.to_string());
    }
    Ok(names)
}

/// A strategy over providers that a cluster has, with what was left out filled in.
pub fn strategy(
    scope: &Scope,
    given: Vec<api::CapacityProviderStrategyItem>,
    associated: &[String],
) -> Result<Vec<Stored<api::CapacityProviderStrategyItem>>, api::Error> {
    if given.len() > PER_CLUSTER {
        return Err(invalid(format!(
            "A capacity provider strategy can name at most {PER_CLUSTER} capacity providers; {} were given.",
            given.len()
        )));
    }
    let mut names = BTreeSet::new();
    let (mut with_base, mut with_weight) = (0, 0);
    let mut items = Vec::new();
    for item in given {
        let name = name(scope, item.capacity_provider.as_deref().unwrap_or_default())?.to_string();
        if !associated.contains(&name) {
            return Err(invalid(format!(
                "The specified capacity provider '{name}' is not associated with the cluster: it must be in capacityProviders."
            )));
        }
        if !names.insert(name.clone()) {
            return Err(invalid(format!(
                "The capacity provider strategy names '{name}' more than once."
            )));
        }
        let (base, weight) = (item.base.unwrap_or(0), item.weight.unwrap_or(0));
        within("base", &name, base, LARGEST_BASE)?;
        within("weight", &name, weight, LARGEST_WEIGHT)?;
        with_base += usize::from(base > 0);
        with_weight += usize::from(weight > 0);
        items.push(Stored::new(api::CapacityProviderStrategyItem {
            capacity_provider: Some(name),
            base: Some(base),
            weight: Some(weight),
        }));
    }
    if with_base > 1 {
        return Err(invalid("Only one capacity provider of a strategy can have a base."));
    }
    if items.len() > 1 && with_weight == 0 {
        return Err(invalid(
            "At least one capacity provider of a strategy must have a weight above 0.",
        ));
    }
    let built_in = names.iter().filter(|name| BUILT_IN.contains(&name.as_str())).count();
    if built_in != 0 && built_in != names.len() {
        return Err(invalid(
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers.",
        ));
    }
    Ok(items)
}

fn within(what: &str, name: &str, value: i32, largest: i32) -> Result<(), api::Error> {
    if (0..=largest).contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("The {what} of '{name}' must be between 0 and {largest}, not {value}.")))
}

/// The name of an ACTIVE cluster that has this provider.
pub fn cluster_with(view: &impl View, scope: &Scope, name: &str) -> Option<String> {
    let mut clusters = view.table::<Cluster>().iter();
    let has = |cluster: &&Cluster| {
        cluster.scope == *scope
            && cluster.deleted_at.is_none()
            && cluster.capacity_providers.iter().any(|known| known == name)
    };
    clusters.find(has).map(|cluster| cluster.name.to_string())
}

fn invalid(message: impl Into<String>) -> api::Error {
    api::Error::invalid_parameter(message)
}

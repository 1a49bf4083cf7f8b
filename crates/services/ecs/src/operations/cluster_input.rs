//! What the operations that create and change clusters share: checking what a caller set.

use std::collections::{BTreeMap, BTreeSet};

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;

use crate::account_settings::{self, Setting};
use crate::identity::principal_arn;
use crate::tables::{SettingOwner, Stored};

/// The capacity providers that exist without having been created.
const BUILT_IN: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];
const PROVIDERS_PER_CLUSTER: usize = 20;
const LARGEST_BASE: i32 = 100_000;
const LARGEST_WEIGHT: i32 = 1_000;

/// `containerInsights` is the one setting there is; it has three values.
// DEVIATES: `containerInsights` is kept and shown, but no Container Insights metrics are published yet.
pub fn settings(given: Vec<api::ClusterSetting>) -> Result<BTreeMap<String, String>, api::Error> {
    let mut settings = BTreeMap::new();
    for (index, setting) in given.into_iter().enumerate() {
        let name = setting.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
        if name != "containerInsights" {
            return Err(invalid(format!(
                "settings[{index}].name: `{name}` is not a cluster setting; containerInsights is."
            )));
        }
        let value = setting.value.unwrap_or_default();
        if !matches!(value.as_str(), "enabled" | "enhanced" | "disabled") {
            return Err(invalid(format!(
                "settings[{index}].value: `{value}` is not a value of containerInsights: enabled, enhanced or disabled."
            )));
        }
        settings.insert(name.to_owned(), value);
    }
    Ok(settings)
}

/// What a new cluster has where its creator says nothing: the account setting of the same name.
pub fn default_settings(view: &impl View, call: &Call) -> BTreeMap<String, String> {
    let insights = Setting::ContainerInsights;
    let owner = SettingOwner::Principal(principal_arn(call));
    let (value, _) = account_settings::in_force(view, &call.scope, &owner, insights);
    BTreeMap::from([(insights.name().to_owned(), value)])
}

/// How ExecuteCommand sessions are logged is kept for that operation; encrypting managed storage needs
/// KMS keys, which there are none of yet.
pub fn configuration(
    given: api::ClusterConfiguration,
) -> Result<Stored<api::ClusterConfiguration>, api::Error> {
    if given.managed_storage_configuration.is_some() {
        return Err(unsupported("configuration.managedStorageConfiguration"));
    }
    Ok(Stored::new(given))
}

pub fn refuse_service_connect<T>(given: Option<T>) -> Result<(), api::Error> {
    match given {
        Some(_) => Err(unsupported("serviceConnectDefaults")),
        None => Ok(()),
    }
}

pub fn capacity_providers(given: Vec<String>) -> Result<Vec<String>, api::Error> {
    if given.len() > PROVIDERS_PER_CLUSTER {
        return Err(invalid(format!(
            "A cluster can have at most {PROVIDERS_PER_CLUSTER} capacity providers; {} were given.",
            given.len()
        )));
    }
    let mut seen = BTreeSet::new();
    for provider in &given {
        if !BUILT_IN.contains(&provider.as_str()) {
            return Err(invalid(format!(
                "The specified capacity provider '{provider}' was not found."
            )));
        }
        if !seen.insert(provider) {
            return Err(invalid(format!(
                "The capacity provider '{provider}' was given more than once."
            )));
        }
    }
    Ok(given)
}

pub fn capacity_provider_strategy(
    given: Vec<api::CapacityProviderStrategyItem>,
    associated: &[String],
) -> Result<Vec<Stored<api::CapacityProviderStrategyItem>>, api::Error> {
    let mut with_base = 0;
    let mut names = BTreeSet::new();
    for item in &given {
        let name = item.capacity_provider.as_deref().unwrap_or_default();
        if !associated.iter().any(|provider| provider == name) {
            return Err(invalid(format!(
                "The specified capacity provider '{name}' is not associated with the cluster: it must be in capacityProviders."
            )));
        }
        if !names.insert(name) {
            return Err(invalid(format!(
                "The capacity provider strategy names '{name}' more than once."
            )));
        }
        let (base, weight) = (item.base.unwrap_or(0), item.weight.unwrap_or(0));
        if !(0..=LARGEST_BASE).contains(&base) {
            return Err(invalid(format!(
                "The base of '{name}' must be between 0 and {LARGEST_BASE}, not {base}."
            )));
        }
        if !(0..=LARGEST_WEIGHT).contains(&weight) {
            return Err(invalid(format!(
                "The weight of '{name}' must be between 0 and {LARGEST_WEIGHT}, not {weight}."
            )));
        }
        with_base += usize::from(base > 0);
    }
    if with_base > 1 {
        return Err(invalid(
            "Only one capacity provider of a strategy can have a base.".to_owned(),
        ));
    }
    if given.len() > 1 && given.iter().all(|item| item.weight.unwrap_or(0) == 0) {
        return Err(invalid(
            "At least one capacity provider of a strategy must have a weight above 0.".to_owned(),
        ));
    }
    let shown = given.into_iter().map(|item| {
        Stored::new(api::CapacityProviderStrategyItem {
            base: Some(item.base.unwrap_or(0)),
            weight: Some(item.weight.unwrap_or(0)),
            ..item
        })
    });
    Ok(shown.collect())
}

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

fn unsupported(parameter: &str) -> api::Error {
    invalid(format!("{parameter} is not supported by this version of Berth; leave it out."))
}

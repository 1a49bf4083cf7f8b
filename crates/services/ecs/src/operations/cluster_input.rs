//! What the operations that create and change clusters share: checking what a caller set.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use berth_control::pipeline::Call;
use berth_control::tables::View;

use crate::account_settings::{self, Setting};
use crate::identity::principal_arn;
use crate::tables::{SettingOwner, Stored};

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

fn invalid(message: String) -> api::Error {
    api::Error::invalid_parameter(message)
}

fn unsupported(parameter: &str) -> api::Error {
    invalid(format!("{parameter} is not supported by this version of Berth; leave it out."))
}

//! Parameters as answers show them.

use berth_aws_api::ssm as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;

use super::find::Found;
use super::names::Selector;
use super::values;
use crate::keys::Vault;
use crate::tables::{ParameterKind, Tier};

pub fn kind(kind: ParameterKind) -> api::ParameterType {
    match kind {
        ParameterKind::Text => api::ParameterType::String,
        ParameterKind::List => api::ParameterType::StringList,
        ParameterKind::Secure => api::ParameterType::SecureString,
    }
}

pub fn tier(tier: Tier) -> api::ParameterTier {
    match tier {
        Tier::Standard => api::ParameterTier::Standard,
        Tier::Advanced => api::ParameterTier::Advanced,
    }
}

/// With its value.
pub fn parameter(
    vault: &Vault,
    view: &impl View,
    found: Found<'_>,
    selector: Option<&Selector>,
    decrypt: Option<bool>,
) -> Result<api::Parameter, Failure<api::Error>> {
    let Found { parameter, version } = found;
    Ok(api::Parameter {
        name: Some(parameter.name.clone()),
        r#type: Some(kind(parameter.kind)),
        value: Some(values::shown(vault, view, found, decrypt)?),
        version: Some(version.number as i64),
        selector: selector.map(Selector::render),
        source_result: None,
        last_modified_date: Some(version.modified_at),
        arn: Some(parameter.arn()),
        data_type: Some(version.data_type.clone()),
    })
}

/// Without it.
pub fn metadata(found: Found<'_>) -> api::ParameterMetadata {
    let Found { parameter, version } = found;
    api::ParameterMetadata {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn()),
        r#type: Some(kind(parameter.kind)),
        key_id: version.key_name.clone(),
        last_modified_date: Some(version.modified_at),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        allowed_pattern: version.allowed_pattern.clone(),
        version: Some(version.number as i64),
        tier: Some(tier(version.tier)),
        policies: Some(Vec::new()),
        data_type: Some(version.data_type.clone()),
    }
}

pub fn history(
    vault: &Vault,
    view: &impl View,
    found: Found<'_>,
    decrypt: Option<bool>,
) -> Result<api::ParameterHistory, Failure<api::Error>> {
    let Found { parameter, version } = found;
    Ok(api::ParameterHistory {
        name: Some(parameter.name.clone()),
        r#type: Some(kind(parameter.kind)),
        key_id: version.key_name.clone(),
        last_modified_date: Some(version.modified_at),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        value: Some(values::shown(vault, view, found, decrypt)?),
        allowed_pattern: version.allowed_pattern.clone(),
        version: Some(version.number as i64),
        labels: Some(version.labels.iter().cloned().collect()),
        tier: Some(tier(version.tier)),
        policies: Some(Vec::new()),
        data_type: Some(version.data_type.clone()),
    })
}

//! What a user registers: a task definition, with ECS's defaults filled in and every rule of ECS checked.
//!
//! [`define`] takes a request to what is kept. It first fills the defaults, so that each rule judges what
//! a user will be shown; then asks the rules one after another, one file per concern. What a rule says is
//! a `ClientException` with ECS's words where they are known, the value, and whose it is.
//!
//! Whether a host can do what is asked is not decided here: that shows when a task is placed, by
//! `requiresAttributes` (`requirements.rs`). Nor is there a table, a clock or an id.

mod accelerators;
mod capabilities;
mod compatibility;
mod containers;
mod defaults;
mod dependencies;
mod docker;
pub mod ecr;
mod environment;
mod external;
mod fargate;
mod firelens;
mod health_check;
mod limits;
mod linux;
mod logging;
mod managed_instances;
mod mounts;
mod network;
mod paths;
mod placement;
pub mod ports;
mod proxy;
mod requirements;
mod resources;
pub mod roles;
pub mod secrets;
pub mod size;
mod storage;
mod timeouts;
mod trusted_execution;
mod volumes;

use berth_aws_api::ecs as api;
use berth_model::Family;

use crate::limits::Limits;
pub use containers::is_digest;

/// What a rule says of a definition.
type Verdict = Result<(), api::Error>;

/// A definition that keeps every rule.
#[derive(Debug)]
pub struct Definition {
    pub family: Family,
    /// As `DescribeTaskDefinition` shows it, without what the record holds by itself.
    pub content: api::TaskDefinition,
}

pub fn define(
    request: api::RegisterTaskDefinitionRequest,
    limits: &Limits,
) -> Result<Definition, api::Error> {
    let family = family(request.family.as_deref())?;
    containers::check_count(request.container_definitions.as_deref().unwrap_or_default(), limits)?;
    let mut content = defaults::fill(request)?;
    limits::check_size(&content, limits)?;
    containers::check(&content)?;
    volumes::check(&content)?;
    ports::check(&content)?;
    network::check(&content)?;
    dependencies::check(&content)?;
    resources::check(&content)?;
    accelerators::check(&content)?;
    logging::check(&content)?;
    firelens::check(&content)?;
    roles::check(&content)?;
    secrets::check(&content)?;
    placement::check(&content)?;
    proxy::check(&content)?;
    storage::check(&content)?;
    trusted_execution::check(&content)?;
    compatibility::check_required(&content)?;
    content.compatibilities = Some(compatibility::of(&content));
    content.requires_attributes = requirements::of(&content);
    Ok(Definition { family, content })
}

/// What a host must be capable of for a definition, or for one that overrides have changed.
pub fn requirements_of(definition: &api::TaskDefinition) -> Vec<api::Attribute> {
    requirements::of(definition).unwrap_or_default()
}

/// The rules that the overrides of a run might break, asked again.
pub fn check_overridden(definition: &api::TaskDefinition) -> Verdict {
    containers_of(definition).iter().try_for_each(environment::check)?;
    secrets::check(definition)?;
    accelerators::check(definition)
}

fn family(given: Option<&str>) -> Result<Family, api::Error> {
    match given {
        None | Some("") => refuse("Family should not be null or empty."),
        Some(given) => given.parse().map_err(|error| {
            api::Error::client(format!("Family contains invalid characters. `{given}`: {error}."))
        }),
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, api::Error> {
    Err(api::Error::client(message))
}

fn refuse_unless(holds: bool, message: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { refuse(message()) }
}

fn containers_of(definition: &api::TaskDefinition) -> &[api::ContainerDefinition] {
    definition.container_definitions.as_deref().unwrap_or_default()
}

fn volumes_of(definition: &api::TaskDefinition) -> &[api::Volume] {
    definition.volumes.as_deref().unwrap_or_default()
}

fn name_of(container: &api::ContainerDefinition) -> &str {
    container.name.as_deref().unwrap_or_default()
}

/// AWS: an absent mode means `bridge`, but is not shown as such.
fn network_mode(definition: &api::TaskDefinition) -> &api::NetworkMode {
    definition.network_mode.as_ref().unwrap_or(&api::NetworkMode::Bridge)
}

fn requires(definition: &api::TaskDefinition, compatibility: &api::Compatibility) -> bool {
    definition.requires_compatibilities.iter().flatten().any(|required| required == compatibility)
}

#[cfg(test)]
mod tests;

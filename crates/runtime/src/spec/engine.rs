//! Docker's own parameters, read strictly: what would be dropped on the way is refused by name.

use bollard::models::{ContainerCreateBody, HostConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Docker Engine's own parameters, in its casing: the bodies of `config` and `hostConfig`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineConfig {
    pub config: Map<String, Value>,
    pub host_config: Map<String, Value>,
}

impl EngineConfig {
    /// Both parts in Docker's types, or what is wrong with them.
    pub(crate) fn read(&self) -> Result<(ContainerCreateBody, HostConfig), String> {
        Ok((read("config", &self.config)?, read("hostConfig", &self.host_config)?))
    }
}

fn read<T: DeserializeOwned + Serialize + Default>(
    part: &str,
    raw: &Map<String, Value>,
) -> Result<T, String> {
    if raw.is_empty() {
        return Ok(T::default());
    }
    let said = raw.iter().filter(|(_, value)| !value.is_null());
    let said = Value::Object(said.map(|(name, value)| (name.clone(), value.clone())).collect());
    let typed: T = serde_json::from_value(said.clone())
        .map_err(|error| format!("the engine parameters in {part} cannot be read: {error}"))?;
    let understood = serde_json::to_value(&typed)
        .map_err(|error| format!("the engine parameters in {part} cannot be passed on: {error}"))?;
    match lost(&said, &understood) {
        None => Ok(typed),
        Some(name) => Err(format!("unknown engine parameter `{part}{name}`")),
    }
}

/// Whoever writes these with Go's types writes every unset field too, as its zero value.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(_) => true,
    }
}

/// The path of the first thing that was said and not understood.
fn lost(said: &Value, understood: &Value) -> Option<String> {
    match (said, understood) {
        (Value::Object(said), Value::Object(understood)) => {
            said.iter().find_map(|(name, value)| {
                match understood.get(name) {
                    Some(kept) => lost(value, kept),
                    None => says_something(value).then(String::new),
                }
                .map(|rest| format!(".{name}{rest}"))
            })
        }
        (Value::Array(said), Value::Array(understood)) => {
            said.iter().zip(understood).enumerate().find_map(|(index, (said, kept))| {
                lost(said, kept).map(|rest| format!("[{index}]{rest}"))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn host_config(value: Value) -> Result<HostConfig, String> {
        let host_config = value.as_object().unwrap().clone();
        EngineConfig { config: Map::new(), host_config }.read().map(|(_, host)| host)
    }

    #[test]
    fn what_docker_does_not_know_is_refused_by_name() {
        assert_eq!(
            host_config(json!({ "CapAdd": ["ALL"], "CapMaybe": ["ALL"] })).unwrap_err(),
            "unknown engine parameter `hostConfig.CapMaybe`"
        );
        assert_eq!(
            host_config(json!({ "Ulimits": [{ "Name": "core", "Medium": 3 }] })).unwrap_err(),
            "unknown engine parameter `hostConfig.Ulimits[0].Medium`"
        );
    }

    #[test]
    fn a_wrong_type_is_refused_with_its_part() {
        let fault = host_config(json!({ "CapAdd": "ALL" })).unwrap_err();
        assert!(fault.starts_with("the engine parameters in hostConfig cannot be read"), "{fault}");
    }

    #[test]
    fn unset_fields_of_a_go_program_do_no_harm() {
        let host = host_config(json!({
            "FutureLimit": 0, "FutureList": [0, 0], "Binds": null, "MemorySwappiness": 0, "Init": false,
        }));
        let kept =
            HostConfig { memory_swappiness: Some(0), init: Some(false), ..HostConfig::default() };
        assert_eq!(host.unwrap(), kept, "and a zero that Docker tells from nothing arrives");
    }
}

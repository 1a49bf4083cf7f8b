//! Secrets of a container: from Secrets Manager and Parameter Store, in the name of the task's execution role.

use std::collections::{BTreeMap, BTreeSet};

use berth_runtime::ContainerSpec;
use futures_util::future::try_join_all;
use serde_json::{Map, Value};

use super::super::definition::{Keeper, SecretDefinition, Target};
use super::{Circumstances, Unprepared};
use crate::host::Host;
use crate::sources::{SecretVersion, SourceError, patiently};

/// AWS: the most that one call of GetParameters takes.
const PARAMETERS_AT_ONCE: usize = 10;

type Region = Option<String>;
type Secrets = BTreeMap<(Region, SecretVersion), String>;
type Parameters = BTreeMap<(Region, String), String>;

/// Fetches each once, however many variables are made of it.
pub(super) async fn add(
    host: &Host,
    wanted: &[SecretDefinition],
    circumstances: &Circumstances,
    spec: &mut ContainerSpec,
) -> Result<(), Unprepared> {
    if wanted.is_empty() {
        return Ok(());
    }
    // AWS: without such a role the task definition cannot be registered. What the host may have is not for tasks.
    if circumstances.execution_role.is_none() {
        return Err(unprepared("the task has no execution role".to_owned()));
    }
    let (secrets, parameters) = tokio::try_join!(
        of_secrets_manager(host, wanted, circumstances),
        of_parameter_store(host, wanted, circumstances),
    )?;
    for secret in wanted {
        let region = secret.region.clone();
        let value = match &secret.keeper {
            Keeper::SecretsManager { version, json_key } => {
                let whole = secrets.get(&(region, version.clone()));
                let whole = whole.map(String::as_str).unwrap_or_default();
                match json_key {
                    None => whole.to_owned(),
                    Some(key) => part(whole, key).map_err(|fault| {
                        unprepared(format!("unable to retrieve secret from asm: {fault}"))
                    })?,
                }
            }
            Keeper::ParameterStore(name) => {
                parameters.get(&(region, name.clone())).cloned().unwrap_or_default()
            }
        };
        put(spec, secret, value);
    }
    Ok(())
}

async fn of_secrets_manager(
    host: &Host,
    wanted: &[SecretDefinition],
    circumstances: &Circumstances,
) -> Result<Secrets, Unprepared> {
    let (sources, role) = (&host.options.sources, circumstances.execution_role.as_ref());
    let mut each = BTreeSet::new();
    for secret in wanted {
        if let Keeper::SecretsManager { version, .. } = &secret.keeper {
            each.insert((secret.region.clone(), version.clone()));
        }
    }
    let fetch = async |at: (Region, SecretVersion)| {
        let (region, version) = &at;
        let value = patiently(host, || sources.secret(version, region.as_deref(), role)).await;
        let value = value.map_err(|error| {
            unprepared(format!(
                "unable to retrieve secret from asm: failed to fetch secret {} from secrets manager: {}",
                version.secret,
                in_short(&error)
            ))
        })?;
        Ok::<_, Unprepared>((at, value))
    };
    Ok(try_join_all(each.into_iter().map(fetch)).await?.into_iter().collect())
}

async fn of_parameter_store(
    host: &Host,
    wanted: &[SecretDefinition],
    circumstances: &Circumstances,
) -> Result<Parameters, Unprepared> {
    let (sources, role) = (&host.options.sources, circumstances.execution_role.as_ref());
    let mut by_region: BTreeMap<&Region, BTreeSet<&String>> = BTreeMap::new();
    for secret in wanted {
        if let Keeper::ParameterStore(name) = &secret.keeper {
            by_region.entry(&secret.region).or_default().insert(name);
        }
    }
    let failed =
        |fault: String| unprepared(format!("unable to retrieve secrets from ssm: {fault}"));
    let (mut found, mut missing) = (Parameters::new(), Vec::new());
    for (region, names) in by_region {
        let names: Vec<String> = names.into_iter().cloned().collect();
        for names in names.chunks(PARAMETERS_AT_ONCE) {
            let ask = || sources.parameters(names, region.as_deref(), role);
            let answer = patiently(host, ask).await;
            let mut answer = answer.map_err(|error| failed(in_short(&error)))?;
            for name in names {
                match answer.remove(name) {
                    Some(value) => drop(found.insert((region.clone(), name.clone()), value)),
                    None => missing.push(name.clone()),
                }
            }
        }
    }
    match missing.is_empty() {
        true => Ok(found),
        false => Err(failed(format!("invalid ssm parameters: {}", missing.join(", ")))),
    }
}

/// One value of a JSON object.
///
/// DEVIATES: a secret's value that is no text is given as JSON; ECS's agent gives it in Go's notation, such as `1e+07`.
fn part(secret: &str, key: &str) -> Result<String, String> {
    // The parser's own words could quote the secret.
    let object: Map<String, Value> = serde_json::from_str(secret).map_err(|_| {
        format!("the secret of which the json key {key} is wanted is no JSON object")
    })?;
    match object.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => {
            Err(format!("retrieved secret from Secrets Manager did not contain json key {key}"))
        }
    }
}

fn put(spec: &mut ContainerSpec, secret: &SecretDefinition, value: String) {
    match secret.target {
        Target::Environment => drop(spec.environment.insert(secret.name.clone(), value)),
        Target::LogOptions => {
            let log = spec.engine.host_config.get_mut("LogConfig").and_then(Value::as_object_mut);
            let Some(log) = log else { return };
            let options = log.entry("Config").or_insert_with(|| Value::Object(Map::new()));
            if let Some(options) = options.as_object_mut() {
                options.insert(secret.name.clone(), Value::from(value));
            }
        }
    }
}

/// AWS: a refusal is told by its code and message.
fn in_short(error: &SourceError) -> String {
    match error {
        SourceError::Refused { status, code, message, .. } => {
            format!("{code}: {message} (status code: {status})")
        }
        other => other.to_string(),
    }
}

fn unprepared(fault: String) -> Unprepared {
    Unprepared(format!(
        "unable to pull secrets or registry auth: execution resource retrieval failed: {fault}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_taken_out_of_an_object() {
        let secret = r#"{"user": "u", "port": 10000000, "on": true, "more": {"a": 1}}"#;
        for (key, value) in
            [("user", "u"), ("port", "10000000"), ("on", "true"), ("more", r#"{"a":1}"#)]
        {
            assert_eq!(part(secret, key).as_deref(), Ok(value));
        }
        assert!(part(secret, "User").unwrap_err().ends_with("did not contain json key User"));
        let fault = part("hunter2", "user").unwrap_err();
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}

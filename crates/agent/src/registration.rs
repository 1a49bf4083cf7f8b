//! Telling the control plane that this host is there, and what it has to offer.
//!
//! The first registration makes a container instance; later ones, with its ARN, renew it. The answer must
//! hold every attribute that was sent, or the server has misunderstood who we are.

mod attributes;
mod resources;

use std::collections::BTreeMap;
use std::time::Duration;

use berth_runtime::RuntimeInfo;
use serde::{Deserialize, Serialize};

use crate::backoff::Backoff;
use crate::control_plane::CallError;
use crate::host::Host;

pub(crate) use resources::offered_memory_mib;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    cluster: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container_instance_arn: Option<&'a str>,
    client_token: &'a str,
    attributes: Vec<Attribute>,
    // AWS: empty outside of EC2, where there is no such document.
    instance_identity_document: &'static str,
    instance_identity_document_signature: &'static str,
    total_resources: Vec<resources::Resource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platform_devices: Vec<resources::PlatformDevice<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag<'a>>,
    version_info: VersionInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionInfo<'a> {
    agent_version: &'a str,
    agent_hash: &'a str,
    docker_version: String,
}

#[derive(Serialize)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attribute {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    container_instance: ContainerInstance,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerInstance {
    container_instance_arn: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

/// Why this host will never be registered as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this host cannot be registered: {0}")]
pub struct RegistrationError(pub(crate) String);

/// Registers, for as long as it takes; gives the container instance's ARN.
pub(crate) async fn register(
    host: &Host,
    info: &RuntimeInfo,
    serves_tasks: bool,
    known: Option<&str>,
    client_token: &str,
) -> Result<String, RegistrationError> {
    let mut backoff = Backoff::new(Duration::from_secs(3), Duration::from_secs(192), 2.0);
    loop {
        match attempt(host, info, serves_tasks, known, client_token).await {
            Ok(arn) => {
                tracing::info!(container_instance = %arn, "registered");
                return Ok(arn);
            }
            Err(Attempt::Final(reason)) => return Err(RegistrationError(reason)),
            Err(Attempt::Transient(cause)) => {
                let wait = backoff.next(host);
                tracing::warn!(%cause, ?wait, "registration failed; trying again");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

enum Attempt {
    Transient(CallError),
    Final(String),
}

async fn attempt(
    host: &Host,
    info: &RuntimeInfo,
    serves_tasks: bool,
    known: Option<&str>,
    client_token: &str,
) -> Result<String, Attempt> {
    let options = &host.options;
    let attributes = attributes::of(options, info, serves_tasks, known.is_none());
    let request = Request {
        cluster: &options.cluster,
        container_instance_arn: known,
        client_token,
        attributes: attributes.clone(),
        instance_identity_document: "",
        instance_identity_document_signature: "",
        total_resources: resources::of(options, info),
        platform_devices: resources::platform_devices(options),
        tags: options.tags.iter().map(|(key, value)| Tag { key, value }).collect(),
        version_info: VersionInfo {
            agent_version: &options.agent_version,
            agent_hash: &options.agent_hash,
            docker_version: format!("DockerVersion: {}", info.version),
        },
    };
    let input = serde_json::to_value(&request).expect("its maps have string keys");
    let answer = host.control_plane.call("RegisterContainerInstance", input).await;
    let answer = answer.map_err(|error| match error.code() {
        // AWS: these two are final, everything else may pass.
        Some("InvalidParameterException" | "ClientException") => Attempt::Final(error.to_string()),
        // Whose instance that is will not change by asking again.
        Some("AccessDeniedException") => Attempt::Final(error.to_string()),
        _ => Attempt::Transient(error),
    })?;
    let Answer { container_instance } = serde_json::from_value(answer).map_err(|cause| {
        Attempt::Transient(CallError::Unreachable(
            anyhow::Error::from(cause).context("the answer to RegisterContainerInstance"),
        ))
    })?;
    match missing(&attributes, &container_instance.attributes) {
        Some(attribute) => Err(Attempt::Final(format!(
            "the control plane did not take over the attribute `{}` = `{}`",
            attribute.name,
            attribute.value.as_deref().unwrap_or_default(),
        ))),
        None => Ok(container_instance.container_instance_arn),
    }
}

/// The first attribute that was sent and did not come back with the same value.
fn missing<'a>(sent: &'a [Attribute], held: &[Attribute]) -> Option<&'a Attribute> {
    let held: BTreeMap<&str, &str> = held
        .iter()
        .map(|attribute| (attribute.name.as_str(), attribute.value.as_deref().unwrap_or_default()))
        .collect();
    sent.iter().find(|attribute| {
        held.get(attribute.name.as_str()) != Some(&attribute.value.as_deref().unwrap_or_default())
    })
}

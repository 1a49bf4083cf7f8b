//! The documents about tasks and containers, in ECS's shapes.
//!
//! AWS: a field that nothing is known for is left out. `VPCID`, `AvailabilityZoneID`, `ClockDrift` and
//! `EphemeralStorageMetrics` are only on hosts of EC2 and Fargate, and `Snapshotter` only where one is named.

use std::collections::BTreeMap;

use berth_agent_protocol::acs;
use berth_model::{ContainerStatus, HealthStatus, Timestamp};
use berth_runtime::{ContainerState, Mount, MountSource};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::question::Version;
use crate::labels;
use crate::report::NetworkBinding;
use crate::task::{ContainerDescription, Description, Health};

/// AWS: the least weight a container can have, also if it asks for none.
const LEAST_CPU: i64 = 2;

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaskDocument {
    cluster: String,
    #[serde(rename = "TaskARN")]
    pub(super) task_arn: String,
    family: String,
    revision: String,
    desired_status: &'static str,
    known_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pull_started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    pull_stopped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    execution_stopped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    containers: Vec<ContainerDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault_injection_enabled: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) task_tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) container_instance_tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<TagError>,
}

/// Why tags are missing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagError {
    pub(super) error_field: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_code: Option<String>,
    pub(super) error_message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_code: Option<u16>,
    #[serde(rename = "ResourceARN")]
    pub(super) resource_arn: String,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContainerDocument {
    docker_id: String,
    name: String,
    docker_name: String,
    image: String,
    #[serde(rename = "ImageID")]
    image_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<Port>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    desired_status: &'static str,
    known_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    /// AWS: only of a container with a restart policy, and only in the latest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_count: Option<u32>,
    limits: Limits,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "instant")]
    finished_at: Option<Timestamp>,
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<HealthDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<Volume>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_driver: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    log_options: BTreeMap<String, String>,
    #[serde(rename = "ContainerARN", skip_serializing_if = "Option::is_none")]
    container_arn: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    networks: Vec<Network>,
}

#[derive(Debug, Default, Serialize)]
struct Limits {
    #[serde(rename = "CPU", skip_serializing_if = "Option::is_none")]
    cpu: Option<Value>,
    #[serde(rename = "Memory", skip_serializing_if = "Option::is_none")]
    memory: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Port {
    pub(super) container_port: u16,
    pub(super) protocol: &'static str,
    pub(super) host_port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host_ip: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HealthDocument {
    /// AWS: left out before the first result.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    status_since: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Volume {
    #[serde(skip_serializing_if = "Option::is_none")]
    docker_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    destination: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    network_mode: String,
    #[serde(rename = "IPv4Addresses")]
    ipv4_addresses: Vec<String>,
    #[serde(rename = "IPv6Addresses", skip_serializing_if = "Vec::is_empty")]
    ipv6_addresses: Vec<String>,
}

/// What this agent knows of itself that is in every document.
pub(super) struct Surroundings<'a> {
    pub(super) cluster: &'a str,
    pub(super) availability_zone: Option<&'a str>,
}

/// `looks` is what the engine says of each container, in the description's order.
pub(super) fn task(
    version: Version,
    task: &Description,
    looks: &[Option<ContainerState>],
    surroundings: &Surroundings<'_>,
) -> TaskDocument {
    let of_task = &task.task;
    let cpu = of_task.cpu.filter(|vcpus| *vcpus > 0.0).map(Value::from);
    let memory = of_task.memory.filter(|mib| *mib > 0);
    let is_v4 = version == Version::V4;
    let containers = task.containers.iter().zip(looks);
    TaskDocument {
        cluster: surroundings.cluster.to_owned(),
        task_arn: of_task.arn.clone(),
        family: of_task.family.clone(),
        revision: of_task.version.clone(),
        desired_status: task.desired_status.as_str(),
        known_status: task.status.as_str(),
        limits: (cpu.is_some() || memory.is_some()).then_some(Limits { cpu, memory }),
        pull_started_at: task.pull_started_at,
        pull_stopped_at: task.pull_stopped_at,
        execution_stopped_at: task.execution_stopped_at,
        availability_zone: surroundings.availability_zone.map(str::to_owned),
        launch_type: of_task.launch_type.clone().filter(|_| is_v4),
        containers: containers
            .filter(|(container, _)| is_shown(version, container))
            .map(|(described, look)| container(version, task, described, look.as_ref()))
            .collect(),
        service_name: of_task.service_name.clone().filter(|_| is_v4),
        fault_injection_enabled: is_v4.then(|| of_task.enable_fault_injection == Some(true)),
        ..TaskDocument::default()
    }
}

/// AWS: containers that have been made, and in the latest version also those whose image is here.
fn is_shown(version: Version, container: &ContainerDescription) -> bool {
    container.id.is_some()
        || (version == Version::V4 && container.status == ContainerStatus::Pulled)
}

pub(super) fn container(
    version: Version,
    task: &Description,
    described: &ContainerDescription,
    look: Option<&ContainerState>,
) -> ContainerDocument {
    let defined = task.task.containers.iter().find(|defined| defined.name == described.name);
    let is_v4 = version == Version::V4;
    let id = described.id.as_ref();
    let (log_driver, log_options) = defined.filter(|_| is_v4).map(log).unwrap_or_default();
    ContainerDocument {
        docker_id: id.map(ToString::to_string).unwrap_or_default(),
        name: described.name.clone(),
        docker_name: id.map(|_| described.runtime_name.clone()).unwrap_or_default(),
        image: described.image.clone(),
        image_id: look.map(|look| look.image_id.clone()).unwrap_or_default(),
        ports: described.bindings.iter().flat_map(|binding| ports(binding, is_v4)).collect(),
        labels: look.map(|look| labels::shown(&look.labels)).unwrap_or_default(),
        desired_status: task.desired_status.as_str(),
        known_status: match described.status {
            ContainerStatus::Pending => "NONE",
            status => status.as_str(),
        },
        exit_code: described.exit_code,
        restart_count: described.restarts.filter(|_| is_v4),
        limits: Limits {
            cpu: Some(Value::from(
                defined.and_then(|defined| defined.cpu).unwrap_or(0).max(LEAST_CPU),
            )),
            memory: Some(defined.and_then(|defined| defined.memory).unwrap_or(0)),
        },
        created_at: look.map(|look| look.created_at),
        started_at: described.started_at,
        finished_at: described.finished_at,
        kind: "NORMAL",
        health: described.health.map(health),
        volumes: described.mounts.iter().filter_map(volume).collect(),
        log_driver,
        log_options,
        container_arn: defined.filter(|_| is_v4).and_then(|defined| defined.container_arn.clone()),
        networks: match version {
            // AWS: the second version tells only of interfaces that are the task's own.
            Version::V2 => Vec::new(),
            Version::V3 | Version::V4 => {
                id.map(|_| network(&task.task, look)).into_iter().collect()
            }
        },
    }
}

/// AWS: a range is told here port by port.
pub(super) fn ports(binding: &NetworkBinding, with_address: bool) -> Vec<Port> {
    let pairs = binding.pairs();
    pairs
        .map(|(container_port, host_port)| Port {
            container_port,
            protocol: binding.protocol,
            host_port,
            host_ip: with_address.then(|| binding.bind_ip.clone()),
        })
        .collect()
}

fn health(health: Health) -> HealthDocument {
    HealthDocument {
        status: match health.status {
            HealthStatus::Unknown => None,
            status => Some(status.as_str()),
        },
        status_since: health.since.to_string(),
    }
}

pub(super) fn volume(mount: &Mount) -> Option<Volume> {
    let (docker_name, source) = match &mount.source {
        MountSource::Host(path) => (None, Some(path.clone())),
        MountSource::Volume(name) => (Some(name.clone()), None),
        MountSource::Anonymous => (None, None),
        // AWS: what is in memory is no volume.
        MountSource::Tmpfs { .. } => return None,
    };
    Some(Volume { docker_name, source, destination: mount.target.clone() })
}

fn log(defined: &acs::Container) -> (Option<String>, BTreeMap<String, String>) {
    let text = defined.docker_config.as_ref().and_then(|docker| docker.host_config.as_deref());
    let host_config: Value =
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let log = &host_config["LogConfig"];
    let driver = log["Type"].as_str().filter(|kind| !kind.is_empty()).map(str::to_owned);
    let options = log["Config"].as_object().into_iter().flatten();
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    (driver, options.filter_map(text).collect())
}

fn network(task: &acs::Task, look: Option<&ContainerState>) -> Network {
    let addresses = look.map(|look| look.addresses.as_slice()).unwrap_or_default();
    let texts = |is_wanted: fn(&std::net::IpAddr) -> bool| {
        addresses.iter().filter(|address| is_wanted(address)).map(ToString::to_string).collect()
    };
    let mode = task.network_mode.clone().filter(|mode| !mode.is_empty());
    let mut ipv4_addresses: Vec<String> = texts(std::net::IpAddr::is_ipv4);
    if ipv4_addresses.is_empty() {
        // AWS: one that has none, as in host networking, is shown with an empty one.
        ipv4_addresses.push(String::new());
    }
    Network {
        network_mode: mode.unwrap_or_else(|| "bridge".to_owned()),
        ipv4_addresses,
        ipv6_addresses: texts(std::net::IpAddr::is_ipv6),
    }
}

fn instant<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}

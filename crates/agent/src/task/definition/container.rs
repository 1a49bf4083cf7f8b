//! One container of a task.

use std::time::Duration;

use berth_agent_protocol::acs;
use berth_lifecycle::{Condition, Need, RestartPolicy};
use berth_runtime::{
    ContainerSpec, EngineConfig, Link, MemoryBytes, Mount, Network, PortSpec, Transport,
    VolumesFrom,
};
use serde_json::{Map, Value};

use super::group::{Limits, cpu_units, memory_mib};
use super::{ContainerDefinition, Networking, Refusal, Volumes, object_name, refusal, secret};
use crate::images::SecretLogin;
use crate::options::Options;
use crate::port_ranges::PortRange;
use crate::sources::ObjectName;
use crate::task::pause;

/// AWS: the weight that a container gets which asks for none; the kernel takes no less.
const MIN_CPU_SHARES: u32 = 2;
/// AWS: and no more.
const MAX_CPU_SHARES: u32 = 262_144;

const UNITS_OF_VCPU: u64 = 1024;

pub(super) fn compile(
    task: &acs::Task,
    container: &acs::Container,
    networking: Networking,
    volumes: &Volumes,
    options: &Options,
    limits: Limits,
) -> Result<ContainerDefinition, Refusal> {
    refusal::check_container(container)?;
    let (ports, port_ranges) = ports(container, networking)?;
    let (mapped, host_ports) = match networking {
        Networking::Bridge => (ports, Vec::new()),
        // AWS: the container has the host's own ports; the mapping only says which.
        Networking::Host => {
            (Vec::new(), ports.iter().map(|port| (port.container_port, port.transport)).collect())
        }
        Networking::None => (Vec::new(), Vec::new()),
    };
    let (mounts, to_make) = mounts(container, volumes)?;
    let spec = ContainerSpec {
        entry_point: non_empty(&container.entry_point),
        command: command(container)?,
        environment: container.environment.clone(),
        cpu_shares: Some(cpu_shares(container)),
        memory_limit: memory_limit(task, container, limits),
        network: match networking {
            Networking::Bridge => Network::Bridge,
            Networking::Host => Network::Host,
            Networking::None => Network::None,
        },
        ports: mapped,
        mounts,
        volumes_from: container.volumes_from.iter().map(|from| volumes_from(task, from)).collect(),
        links: container.links.iter().map(|link| self::link(task, link)).collect(),
        engine: engine(task, container, limits)?,
        ..ContainerSpec::new(object_name(task, &container.name), &container.image)
    };
    let is_checked = spec.effective_health_check().is_some();
    if container.health_check_type.is_some() && !spec.engine.config.contains_key("Healthcheck") {
        return Err(Refusal::unreadable(format_args!(
            "container `{}` has a health check of type docker and no Healthcheck in its dockerConfig",
            container.name
        )));
    }
    Ok(ContainerDefinition {
        name: container.name.clone(),
        essential: container.essential,
        needs: needs(container)?,
        stop_grace: seconds(container.stop_timeout).unwrap_or(options.stop_grace),
        start_timeout: seconds(container.start_timeout),
        restart_policy: container.restart_policy.as_ref().and_then(restart_policy),
        spec,
        login: login(task, container)?,
        environment_files: environment_files(container)?,
        secrets: secret::compile_all(container)?,
        router: None,
        routed: None,
        volumes: to_make,
        host_ports,
        port_ranges,
        is_checked,
        is_anchor: false,
        is_internal: false,
    })
}

/// AWS: what a definition leaves out is five minutes.
const RESTART_ATTEMPT_PERIOD: Duration = Duration::from_secs(300);

fn restart_policy(policy: &acs::RestartPolicy) -> Option<RestartPolicy> {
    policy.enabled.then(|| RestartPolicy {
        ignored_exit_codes: policy
            .ignored_exit_codes
            .iter()
            .filter_map(|code| i32::try_from(*code).ok())
            .collect(),
        attempt_period: seconds(policy.restart_attempt_period).unwrap_or(RESTART_ATTEMPT_PERIOD),
    })
}

/// Where the login to the image's registry is kept.
fn login(task: &acs::Task, container: &acs::Container) -> Result<Option<SecretLogin>, Refusal> {
    let Some(authentication) = &container.registry_authentication else { return Ok(None) };
    match (authentication.kind.as_str(), &authentication.asm_auth_data) {
        ("asm", Some(secret)) => Ok(Some(SecretLogin {
            secret: secret.clone(),
            credentials: task.execution_role_credentials.clone(),
        })),
        ("asm", None) => Err(Refusal::unreadable(format_args!(
            "container `{}` has no asmAuthData for its registry",
            container.name
        ))),
        (other, _) => Err(Refusal::unsupported(format_args!(
            "registryAuthentication `{other}` (container `{}`)",
            container.name
        ))),
    }
}

/// What the container counts for: its soft limit, or else its hard one.
pub(super) fn promised_mib(container: &ContainerDefinition) -> u64 {
    let reservation =
        container.spec.engine.host_config.get("MemoryReservation").and_then(Value::as_u64);
    match reservation.filter(|bytes| *bytes > 0) {
        Some(bytes) => bytes >> 20,
        None => container.spec.memory_limit.map_or(0, MemoryBytes::whole_mib),
    }
}

fn needs(container: &acs::Container) -> Result<Vec<Need>, Refusal> {
    let mut needs = Vec::new();
    for dependency in &container.depends_on {
        let condition = dependency.condition.as_str().parse::<Condition>().map_err(|error| {
            Refusal::unreadable(format_args!("container `{}`: {error}", container.name))
        })?;
        needs.push(Need { container: dependency.container_name.clone(), condition });
    }
    needs.extend(container.links.iter().map(|link| {
        let (container, _) = link.split_once(':').unwrap_or((link, link));
        Need { container: container.to_owned(), condition: Condition::Start }
    }));
    needs.extend(container.volumes_from.iter().map(|from| Need {
        container: from.source_container.clone(),
        condition: Condition::Create,
    }));
    Ok(needs)
}

/// `name` or `name:alias`.
fn link(task: &acs::Task, link: &str) -> Link {
    let (container, alias) = link.split_once(':').unwrap_or((link, link));
    Link { container: object_name(task, container), alias: alias.to_owned() }
}

fn volumes_from(task: &acs::Task, from: &acs::VolumeFrom) -> VolumesFrom {
    VolumesFrom {
        container: object_name(task, &from.source_container),
        read_only: from.read_only.unwrap_or(false),
    }
}

/// Single ports, and ranges of them.
fn ports(
    container: &acs::Container,
    networking: Networking,
) -> Result<(Vec<PortSpec>, Vec<PortRange>), Refusal> {
    let port = |number: i64| {
        u16::try_from(number).map_err(|_| {
            Refusal::unreadable(format_args!(
                "container `{}` maps the port {number}, which is none",
                container.name
            ))
        })
    };
    let (mut ports, mut ranges) = (Vec::new(), Vec::new());
    for mapping in &container.port_mappings {
        let transport = match &mapping.protocol {
            None | Some(acs::TransportProtocol::Tcp) => Transport::Tcp,
            Some(acs::TransportProtocol::Udp) => Transport::Udp,
            Some(acs::TransportProtocol::Unknown(other)) => {
                return Err(Refusal::unsupported(format_args!("the protocol `{other}`")));
            }
        };
        if let Some(range) = mapping.container_port_range.as_deref() {
            ranges.push(self::range(container, range, transport, networking)?);
            continue;
        }
        ports.push(PortSpec {
            container_port: port(mapping.container_port.unwrap_or(0))?,
            host_port: mapping.host_port.filter(|number| *number != 0).map(port).transpose()?,
            transport,
            host_ip: None,
        });
    }
    Ok((ports, ranges))
}

/// AWS: only where ports are mapped there are ranges of them.
fn range(
    container: &acs::Container,
    text: &str,
    transport: Transport,
    networking: Networking,
) -> Result<PortRange, Refusal> {
    let invalid = |why: &str| {
        let name = &container.name;
        Refusal::unreadable(format_args!("container `{name}` maps the range `{text}`, {why}"))
    };
    if networking != Networking::Bridge {
        return Err(invalid("which only the network mode bridge can"));
    }
    PortRange::parse(text, transport).ok_or_else(|| invalid("which is none"))
}

/// AWS: a file must be called `….env`.
fn environment_files(container: &acs::Container) -> Result<Vec<ObjectName>, Refusal> {
    let unreadable = |fault: String| {
        Refusal::unreadable(format_args!("environment files of `{}`: {fault}", container.name))
    };
    container
        .environment_files
        .iter()
        .map(|file| match file.kind.as_str() {
            "s3" if file.value.ends_with(".env") => {
                file.value.parse().map_err(|error: <ObjectName as std::str::FromStr>::Err| {
                    unreadable(error.to_string())
                })
            }
            "s3" => Err(unreadable(format!("`{}` does not end in .env", file.value))),
            other => Err(unreadable(format!("the type `{other}`"))),
        })
        .collect()
}

fn mounts(
    container: &acs::Container,
    volumes: &Volumes,
) -> Result<(Vec<Mount>, Vec<berth_runtime::VolumeSpec>), Refusal> {
    let mut mounts = Vec::new();
    let mut to_make = Vec::new();
    for point in &container.mount_points {
        let volume = volumes.get(&point.source_volume).ok_or_else(|| {
            Refusal::unreadable(format_args!(
                "container `{}` mounts the volume `{}`, which the task does not have",
                container.name, point.source_volume
            ))
        })?;
        to_make.extend(volume.to_make().cloned());
        mounts.push(Mount {
            source: volume.mount_source(),
            target: point.container_path.clone(),
            read_only: point.read_only.unwrap_or(false),
        });
    }
    to_make.dedup();
    Ok((mounts, to_make))
}

/// AWS: `overrides` may hold a command and nothing else that the agent would look at.
fn command(container: &acs::Container) -> Result<Option<Vec<String>>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Overrides {
        #[serde(default)]
        command: Option<Vec<String>>,
    }
    let text = container.overrides.as_deref().filter(|text| !text.is_empty());
    let overrides = text.map(serde_json::from_str::<Overrides>).transpose().map_err(|error| {
        Refusal::unreadable(format_args!(
            "the overrides of container `{}`: {error}",
            container.name
        ))
    })?;
    let overriding = overrides.and_then(|overrides| overrides.command);
    Ok(overriding.or_else(|| non_empty(&container.command)))
}

/// Docker's own parameters, to which the task's pid and IPC modes and its CPU limit are added.
fn engine(
    task: &acs::Task,
    container: &acs::Container,
    limits: Limits,
) -> Result<EngineConfig, Refusal> {
    let docker = container.docker_config.as_ref();
    let parse = |part: &str, text: Option<&String>| match text.filter(|text| !text.is_empty()) {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str::<Option<Map<String, Value>>>(text)
            .map(Option::unwrap_or_default)
            .map_err(|error| {
                Refusal::unreadable(format_args!(
                    "the {part} of container `{}` is not a JSON object: {error}",
                    container.name
                ))
            }),
    };
    let config = parse("dockerConfig.config", docker.and_then(|docker| docker.config.as_ref()))?;
    let mut host_config =
        parse("dockerConfig.hostConfig", docker.and_then(|docker| docker.host_config.as_ref()))?;
    for (name, mode) in [("PidMode", &task.pid_mode), ("IpcMode", &task.ipc_mode)] {
        if let Some(mode) = mode.as_deref().filter(|mode| !mode.is_empty()) {
            host_config.insert(name.to_owned(), Value::from(pause::engine_mode(task, mode)));
        }
    }
    if limits == Limits::OfContainers
        && let Some(units) = cpu_units(task)
    {
        let nanos = u64::from(units) * 1_000_000_000 / UNITS_OF_VCPU;
        host_config.insert("NanoCpus".to_owned(), Value::from(nanos));
    }
    Ok(EngineConfig { config, host_config })
}

pub(super) fn cpu_shares(container: &acs::Container) -> u32 {
    let asked = container.cpu.and_then(|cpu| u32::try_from(cpu).ok()).unwrap_or(0);
    asked.clamp(MIN_CPU_SHARES, MAX_CPU_SHARES)
}

/// A container without a limit of its own is bound by its task's group, or for want of one by the same limit.
fn memory_limit(
    task: &acs::Task,
    container: &acs::Container,
    limits: Limits,
) -> Option<MemoryBytes> {
    let own = container.memory.and_then(|mib| u32::try_from(mib).ok()).filter(|mib| *mib > 0);
    let of_task = || (limits == Limits::OfContainers).then(|| memory_mib(task)).flatten();
    own.or_else(of_task).map(MemoryBytes::from_mib)
}

fn non_empty(words: &[String]) -> Option<Vec<String>> {
    (!words.is_empty()).then(|| words.to_vec())
}

fn seconds(value: Option<i64>) -> Option<Duration> {
    value
        .and_then(|seconds| u64::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
}

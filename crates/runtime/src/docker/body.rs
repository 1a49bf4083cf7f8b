//! From a spec to the body of Docker's create request.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bollard::models::{
    ContainerCreateBody, DeviceRequest, HealthConfig, HostConfig, HostConfigLogConfig, PortBinding,
};

use crate::{
    ContainerSpec, ErrorKind, HealthCheck, Mount, MountSource, Network, OWNER_LABEL, PortSpec,
    RuntimeError, Verb,
};

/// The spec's engine parameters with the modelled fields laid over them, and the owner's label.
pub(super) fn create_body(
    spec: &ContainerSpec,
    owner: &str,
) -> Result<ContainerCreateBody, RuntimeError> {
    let (raw, raw_host) = spec
        .engine
        .read()
        .map_err(|fault| RuntimeError::new(Verb::Create, ErrorKind::Invalid, fault))?;
    let mut labels = raw.labels.clone().unwrap_or_default();
    labels.extend(spec.labels.clone());
    labels.insert(OWNER_LABEL.to_owned(), owner.to_owned());
    let (exposed, bindings) = ports(&spec.ports);
    Ok(ContainerCreateBody {
        image: Some(spec.image.clone()),
        entrypoint: spec.entry_point.clone().or(raw.entrypoint),
        cmd: spec.command.clone().or(raw.cmd),
        env: environment(raw.env, &spec.environment),
        labels: Some(labels),
        stop_signal: spec.stop_signal.clone().or(raw.stop_signal),
        healthcheck: spec.health_check.as_ref().map(health).or(raw.healthcheck),
        exposed_ports: joined(raw.exposed_ports, exposed),
        volumes: joined(raw.volumes, anonymous_volumes(&spec.mounts)),
        host_config: Some(host_config(spec, raw_host, bindings)),
        ..raw
    })
}

fn host_config(spec: &ContainerSpec, raw: HostConfig, bindings: PortBindings) -> HostConfig {
    let bytes = |memory: crate::MemoryBytes| i64::try_from(memory.as_bytes()).unwrap_or(i64::MAX);
    let volumes_from =
        spec.volumes_from.iter().map(|from| with_mode(from.container.clone(), from.read_only));
    let links = spec.links.iter().map(|link| format!("{}:{}", link.container, link.alias));
    HostConfig {
        cpu_shares: spec.cpu_shares.map(i64::from).or(raw.cpu_shares),
        memory: spec.memory_limit.map(bytes).or(raw.memory),
        memory_reservation: spec.memory_reservation.map(bytes).or(raw.memory_reservation),
        cgroup_parent: spec.cgroup_parent.clone().or(raw.cgroup_parent),
        network_mode: Some(network_mode(&spec.network)),
        port_bindings: joined(raw.port_bindings, bindings),
        binds: joined(raw.binds, binds(&spec.mounts)),
        tmpfs: joined(raw.tmpfs, tmpfs(&spec.mounts)),
        volumes_from: joined(raw.volumes_from, volumes_from.collect::<Vec<_>>()),
        links: joined(raw.links, links.collect::<Vec<_>>()),
        log_config: spec
            .log
            .as_ref()
            .map(|log| HostConfigLogConfig {
                typ: Some(log.driver.clone()),
                config: Some(log.options.clone().into_iter().collect()),
            })
            .or(raw.log_config),
        ..raw
    }
}

/// The OCI runtime that gives NVIDIA's GPUs to containers, by an environment variable.
const NVIDIA: &str = "nvidia";
/// What asks that runtime for every GPU.
const ALL: &str = "all";

/// By NVIDIA's runtime where the engine has it, else by the engine's own requests for devices.
pub(super) fn give_gpus(body: &mut ContainerCreateBody, gpus: &[String], runtimes: &[String]) {
    let host = body.host_config.get_or_insert_default();
    if runtimes.iter().any(|name| name == NVIDIA) {
        host.runtime = Some(NVIDIA.to_owned());
        return;
    }
    let all = gpus.iter().any(|gpu| gpu == ALL);
    let request = DeviceRequest {
        count: all.then_some(-1),
        device_ids: (!all).then(|| gpus.to_vec()),
        capabilities: Some(vec![vec!["gpu".to_owned()]]),
        ..DeviceRequest::default()
    };
    host.device_requests.get_or_insert_default().push(request);
}

/// Both, the modelled ones last.
fn joined<C: IntoIterator + Extend<C::Item> + Default>(raw: Option<C>, modelled: C) -> Option<C> {
    let mut modelled = modelled.into_iter().peekable();
    if modelled.peek().is_none() {
        return raw;
    }
    let mut all = raw.unwrap_or_default();
    all.extend(modelled);
    Some(all)
}

fn environment(
    raw: Option<Vec<String>>,
    modelled: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    let overridden =
        |entry: &String| entry.split('=').next().is_some_and(|name| modelled.contains_key(name));
    let raw = raw.map(|raw| raw.into_iter().filter(|entry| !overridden(entry)).collect());
    joined(raw, modelled.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>())
}

fn network_mode(network: &Network) -> String {
    match network {
        Network::Bridge => "bridge".to_owned(),
        Network::Host => "host".to_owned(),
        Network::None => "none".to_owned(),
        Network::Container(id) => format!("container:{id}"),
    }
}

type PortBindings = HashMap<String, Option<Vec<PortBinding>>>;

/// Docker wants each port exposed, then bound.
fn ports(specs: &[PortSpec]) -> (Vec<String>, PortBindings) {
    let mut bindings = PortBindings::new();
    let mut exposed = Vec::new();
    for spec in specs {
        let port = format!("{}/{}", spec.container_port, spec.transport);
        let binding = PortBinding {
            host_ip: spec.host_ip.map(|ip| ip.to_string()),
            // An empty host port lets the engine choose.
            host_port: Some(spec.host_port.map(|port| port.to_string()).unwrap_or_default()),
        };
        bindings.entry(port.clone()).or_default().get_or_insert_default().push(binding);
        if !exposed.contains(&port) {
            exposed.push(port);
        }
    }
    (exposed, bindings)
}

fn with_mode(what: String, read_only: bool) -> String {
    if read_only { format!("{what}:ro") } else { what }
}

fn binds(mounts: &[Mount]) -> Vec<String> {
    let bind = |mount: &Mount| match &mount.source {
        MountSource::Host(from) | MountSource::Volume(from) => {
            Some(with_mode(format!("{from}:{}", mount.target), mount.read_only))
        }
        MountSource::Anonymous | MountSource::Tmpfs { .. } => None,
    };
    mounts.iter().filter_map(bind).collect()
}

fn anonymous_volumes(mounts: &[Mount]) -> Vec<String> {
    let anonymous = mounts.iter().filter(|mount| mount.source == MountSource::Anonymous);
    anonymous.map(|mount| mount.target.clone()).collect()
}

fn tmpfs(mounts: &[Mount]) -> HashMap<String, String> {
    let tmpfs = |mount: &Mount| match &mount.source {
        MountSource::Tmpfs { size, options } => {
            let mut words = vec![format!("size={}", size.as_bytes())];
            words.extend(mount.read_only.then(|| "ro".to_owned()));
            words.extend(options.iter().cloned());
            Some((mount.target.clone(), words.join(",")))
        }
        MountSource::Host(_) | MountSource::Volume(_) | MountSource::Anonymous => None,
    };
    mounts.iter().filter_map(tmpfs).collect()
}

fn health(check: &HealthCheck) -> HealthConfig {
    let nanos = |time: Duration| Some(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX));
    HealthConfig {
        test: Some(check.test.to_words()),
        interval: nanos(check.interval),
        timeout: nanos(check.timeout),
        retries: Some(i64::from(check.retries)),
        start_period: nanos(check.start_period),
        ..HealthConfig::default()
    }
}

#[cfg(test)]
mod tests;

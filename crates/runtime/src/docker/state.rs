//! From Docker's answers to ours.

use std::net::{IpAddr, Ipv4Addr};

use berth_model::Timestamp;
use bollard::models::{
    ContainerInspectResponse, ContainerState as DockerState, ContainerStateStatusEnum as Status,
    HealthStatusEnum, ImageInspect, NetworkSettings,
};

use crate::image::with_default_tag;
use crate::{
    ContainerState, ErrorKind, Exit, Health, Image, MemoryBytes, PortBinding, PortSpec, Run,
    RuntimeError, RuntimeId, Transport, Verb,
};

pub(super) fn container(found: ContainerInspectResponse) -> Result<ContainerState, RuntimeError> {
    let lacks = |what: &str| {
        RuntimeError::new(
            Verb::Inspect,
            ErrorKind::Failed,
            format!("the engine's answer lacks the container's {what}"),
        )
    };
    let config = found.config.unwrap_or_default();
    let state = found.state.ok_or_else(|| lacks("state"))?;
    let health = health(&state);
    let run = run(state).ok_or_else(|| lacks("status"))?;
    // A container that has ended keeps what it had, or some of it, until it is removed.
    let network = matches!(run, Run::Running { .. })
        .then_some(found.network_settings)
        .flatten()
        .unwrap_or_default();
    Ok(ContainerState {
        id: RuntimeId::new(found.id.ok_or_else(|| lacks("id"))?),
        // AWS: Docker's names begin with a slash, and nobody's else do.
        name: found.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        image: config.image.unwrap_or_default(),
        image_id: found.image.unwrap_or_default(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        created_at: found
            .created
            .as_deref()
            .and_then(instant)
            .ok_or_else(|| lacks("creation time"))?,
        run,
        health,
        ports: bindings(&network),
        addresses: addresses(&network),
    })
}

/// `None` if there is no status that we know.
fn run(state: DockerState) -> Option<Run> {
    let started_at = state.started_at.as_deref().and_then(instant);
    match state.status? {
        // A start that failed leaves `created`, too: there was no run.
        Status::CREATED => Some(Run::Created),
        Status::RUNNING | Status::PAUSED | Status::RESTARTING | Status::STOPPING => {
            Some(Run::Running {
                started_at: started_at?,
                pid: state.pid.and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
            })
        }
        Status::EXITED | Status::DEAD | Status::REMOVING => {
            Some(match state.finished_at.as_deref().and_then(instant) {
                None => Run::Created,
                Some(ended_at) => Run::Ended(Exit {
                    code: state.exit_code.unwrap_or_default(),
                    oom_killed: state.oom_killed.unwrap_or_default(),
                    error: state.error.unwrap_or_default(),
                    started_at,
                    ended_at,
                }),
            })
        }
        Status::EMPTY => None,
    }
}

fn health(state: &DockerState) -> Health {
    match state.health.as_ref().and_then(|health| health.status) {
        None | Some(HealthStatusEnum::EMPTY | HealthStatusEnum::NONE) => Health::Unchecked,
        Some(HealthStatusEnum::STARTING) => Health::Starting,
        Some(HealthStatusEnum::HEALTHY) => Health::Healthy,
        Some(HealthStatusEnum::UNHEALTHY) => Health::Unhealthy,
    }
}

/// Docker writes the year 1 for "not yet".
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|at: &Timestamp| *at > Timestamp::EPOCH)
}

/// AWS: like ECS by default, the host's IPv6 side of a port that is bound on all addresses is not told.
fn bindings(network: &NetworkSettings) -> Vec<PortBinding> {
    let mut all = Vec::new();
    for (port, bound) in network.ports.iter().flatten() {
        let Some((container_port, transport)) = parse_port(port) else { continue };
        for binding in bound.iter().flatten() {
            let host_ip =
                binding.host_ip.as_deref().filter(|ip| !ip.is_empty()).map_or(Ok(ANY), str::parse);
            let host_port = binding.host_port.as_deref().and_then(|port| port.parse().ok());
            let (Ok(host_ip), Some(host_port)) = (host_ip, host_port) else { continue };
            if host_ip.is_unspecified() && host_ip.is_ipv6() {
                continue;
            }
            all.push(PortBinding { container_port, host_port, transport, host_ip });
        }
    }
    all.sort();
    all
}

const ANY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// `80/tcp`; `None` for transports that are none of ours (SCTP).
fn parse_port(port: &str) -> Option<(u16, Transport)> {
    let (number, transport) = port.split_once('/')?;
    Some((number.parse().ok()?, transport.parse().ok()?))
}

fn addresses(network: &NetworkSettings) -> Vec<IpAddr> {
    let networks = network.networks.iter().flatten().map(|(_, endpoint)| endpoint);
    let mut all: Vec<IpAddr> = networks
        .flat_map(|endpoint| {
            [endpoint.ip_address.as_deref(), endpoint.global_ipv6_address.as_deref()]
        })
        .filter_map(|address| address?.parse().ok())
        .collect();
    all.sort();
    all
}

/// The bindings that these ports lead to, if that is certain without asking.
pub(super) fn fixed_bindings(ports: &[PortSpec]) -> Option<Vec<PortBinding>> {
    let binding = |spec: &PortSpec| {
        Some(PortBinding {
            container_port: spec.container_port,
            host_port: spec.host_port?,
            transport: spec.transport,
            host_ip: spec.host_ip.unwrap_or(ANY),
        })
    };
    let mut bindings = ports.iter().map(binding).collect::<Option<Vec<_>>>()?;
    bindings.sort();
    Some(bindings)
}

pub(super) fn image(name: &str, found: ImageInspect) -> Image {
    Image {
        id: found.id.unwrap_or_default(),
        digest: digest(name, &found.repo_digests.unwrap_or_default()),
        size: MemoryBytes::from_bytes(
            found.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        ),
    }
}

/// Of an image's digests, `repository@sha256:…`, the one that it is asked for by, or that of its repository.
fn digest(name: &str, digests: &[String]) -> Option<String> {
    // One image may have been pulled as several manifests.
    if let Some((_, asked)) = name.split_once('@') {
        return Some(asked.to_owned());
    }
    let named = with_default_tag(name);
    let repository = match named.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => named.as_ref(),
    };
    let split = |digest: &String| {
        digest.split_once('@').map(|(of, digest)| (of.to_owned(), digest.to_owned()))
    };
    let mut known = digests.iter().filter_map(split);
    let exact = known.clone().find(|(of, _)| of == repository);
    // The same repository has shorter names for Docker's own registry; one digest leaves no choice anyway.
    exact.or_else(|| known.next()).map(|(_, digest)| digest)
}

#[cfg(test)]
mod tests;

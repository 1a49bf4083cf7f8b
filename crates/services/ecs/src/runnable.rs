//! What a task really runs: its task definition with the overrides of RunTask or StartTask merged in.
//!
//! Placement reads from it what the task takes, the session with the agent what to tell it, so that
//! both always speak of the same containers.

use berth_aws_api::ecs as api;
use berth_model::{CpuUnits, MemoryMib};

use crate::roles::{RoleKind, Roles};
use crate::task_definition::ports;

/// A task definition after its overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Runnable {
    pub containers: Vec<api::ContainerDefinition>,
    pub volumes: Vec<api::Volume>,
    /// The task's own limits, where it has any.
    pub cpu: Option<CpuUnits>,
    pub memory: Option<MemoryMib>,
    pub network_mode: api::NetworkMode,
    pub pid_mode: Option<api::PidMode>,
    pub ipc_mode: Option<api::IpcMode>,
    /// What its containers act in.
    pub task_role_arn: Option<String>,
    /// What fetches images, secrets and files for the task, and sends its logs.
    pub execution_role_arn: Option<String>,
}

impl Runnable {
    /// Overrides have been checked before: one for a container that does not exist changes nothing here.
    pub fn new(definition: &api::TaskDefinition, overrides: Option<&api::TaskOverride>) -> Self {
        let of_containers = overrides
            .and_then(|overrides| overrides.container_overrides.as_deref())
            .unwrap_or_default();
        let merged = |container: &api::ContainerDefinition| {
            let found = of_containers.iter().find(|candidate| candidate.name == container.name);
            found.map_or_else(|| container.clone(), |overrides| merge(container.clone(), overrides))
        };
        let either =
            |overridden: Option<&String>, defined: Option<&String>| overridden.or(defined).cloned();
        let cpu = either(overrides.and_then(|o| o.cpu.as_ref()), definition.cpu.as_ref());
        let memory = either(overrides.and_then(|o| o.memory.as_ref()), definition.memory.as_ref());
        let roles = Roles::of(definition, overrides);
        Self {
            containers: definition.container_definitions.iter().flatten().map(merged).collect(),
            volumes: definition.volumes.clone().unwrap_or_default(),
            cpu: cpu.and_then(|cpu| cpu.parse().ok()),
            memory: memory.and_then(|memory| memory.parse().ok()),
            network_mode: definition.network_mode.clone().unwrap_or(api::NetworkMode::Bridge),
            pid_mode: definition.pid_mode.clone(),
            ipc_mode: definition.ipc_mode.clone(),
            task_role_arn: roles.get(RoleKind::Task).map(str::to_owned),
            execution_role_arn: roles.get(RoleKind::Execution).map(str::to_owned),
        }
    }

    /// The task definition as it would be with what is overridden.
    pub fn merged_into(&self, definition: &api::TaskDefinition) -> api::TaskDefinition {
        api::TaskDefinition {
            container_definitions: Some(self.containers.clone()),
            task_role_arn: self.task_role_arn.clone(),
            execution_role_arn: self.execution_role_arn.clone(),
            ..definition.clone()
        }
    }

    /// What the task takes of an instance: its own limit, or the sum of its containers.
    pub fn cpu_units(&self) -> CpuUnits {
        let of_containers =
            || self.containers.iter().map(|container| CpuUnits(positive(container.cpu))).sum();
        self.cpu.unwrap_or_else(of_containers)
    }

    /// AWS: a container counts with its soft limit if it has one, else with its hard limit.
    pub fn memory_mib(&self) -> MemoryMib {
        let of_container = |container: &api::ContainerDefinition| {
            MemoryMib(positive(container.memory_reservation.or(container.memory)))
        };
        self.memory.unwrap_or_else(|| self.containers.iter().map(of_container).sum())
    }

    /// The host ports that the task names itself, with their protocols. Dynamic ports are the engine's.
    pub fn static_ports(&self) -> impl Iterator<Item = (u16, api::TransportProtocol)> {
        let host_network = self.network_mode == api::NetworkMode::Host;
        let mappings =
            self.containers.iter().flat_map(|container| container.port_mappings.iter().flatten());
        mappings.filter_map(move |mapping| {
            // Without a network of its own a container's port is the host's.
            let given = mapping.host_port.filter(|port| *port != 0);
            let port = if host_network { given.or(mapping.container_port) } else { given };
            let port = u16::try_from(port?).ok()?;
            Some((port, mapping.protocol.clone().unwrap_or(api::TransportProtocol::Tcp)))
        })
    }

    /// How many host ports the engine is to choose: TCP, then UDP. Only bridge networks map ports.
    pub fn dynamic_ports(&self) -> (u32, u32) {
        if self.network_mode != api::NetworkMode::Bridge {
            return (0, 0);
        }
        let mappings =
            self.containers.iter().flat_map(|container| container.port_mappings.iter().flatten());
        let dynamic = mappings.filter(|mapping| mapping.host_port.unwrap_or(0) == 0);
        let (udp, tcp): (Vec<_>, Vec<_>) =
            dynamic.partition(|mapping| mapping.protocol == Some(api::TransportProtocol::Udp));
        let ports = |mappings: Vec<&api::PortMapping>| {
            mappings.into_iter().map(container_ports).fold(0, u32::saturating_add)
        };
        (ports(tcp), ports(udp))
    }
}

/// How many ports of the container a mapping is about.
fn container_ports(mapping: &api::PortMapping) -> u32 {
    let range = mapping.container_port_range.as_deref().and_then(ports::range);
    range.map_or(1, |range| range.len() as u32)
}

fn positive(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

fn merge(
    container: api::ContainerDefinition,
    overrides: &api::ContainerOverride,
) -> api::ContainerDefinition {
    let environment = merge_environment(
        container.environment,
        overrides.environment.as_deref().unwrap_or_default(),
    );
    api::ContainerDefinition {
        command: overrides.command.clone().or(container.command),
        environment,
        environment_files: overrides.environment_files.clone().or(container.environment_files),
        cpu: overrides.cpu.or(container.cpu),
        memory: overrides.memory.or(container.memory),
        memory_reservation: overrides.memory_reservation.or(container.memory_reservation),
        resource_requirements: overrides
            .resource_requirements
            .clone()
            .or(container.resource_requirements),
        ..container
    }
}

/// AWS: an override adds variables, and replaces those of the same name.
fn merge_environment(
    defined: Option<Vec<api::KeyValuePair>>,
    overrides: &[api::KeyValuePair],
) -> Option<Vec<api::KeyValuePair>> {
    if overrides.is_empty() {
        return defined;
    }
    let mut merged = defined.unwrap_or_default();
    merged.retain(|pair| overrides.iter().all(|other| other.name != pair.name));
    merged.extend(overrides.iter().cloned());
    Some(merged)
}

#[cfg(test)]
mod tests;

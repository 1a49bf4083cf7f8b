//! A payload's task in the runtime's terms, made once when the task arrives.
//!
//! What this agent does not do yet is refused by name, here and nowhere else. Names of containers and
//! volumes follow from the task's ARN, so that an agent that was killed finds what it had made.

mod container;
pub(crate) mod firelens;
mod gpus;
mod group;
mod refusal;
mod secret;
mod volume;

use std::collections::BTreeMap;
use std::time::Duration;

use berth_agent_protocol::acs;
use berth_lifecycle::{Condition, Need, RestartPolicy, start_order};
use berth_runtime::{ContainerSpec, GroupSpec, VolumeSpec};

use super::pause;
use crate::images::{SecretLogin, Wanted};
use crate::ledger::Share;
use crate::options::Options;
use crate::port_ranges::PortRange;
use crate::sources::ObjectName;

pub(crate) use group::Limits;
pub(crate) use refusal::Refusal;
pub(crate) use secret::{Keeper, SecretDefinition, Target};
pub(crate) use volume::VolumeDefinition;

#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) containers: Vec<ContainerDefinition>,
    pub(crate) share: Share,
    /// What limits the task as a whole.
    pub(crate) group: Option<GroupSpec>,
}

#[derive(Clone, Debug)]
pub(crate) struct ContainerDefinition {
    pub(crate) name: String,
    pub(crate) essential: bool,
    pub(crate) needs: Vec<Need>,
    pub(crate) stop_grace: Duration,
    pub(crate) start_timeout: Option<Duration>,
    pub(crate) restart_policy: Option<RestartPolicy>,
    /// Everything but the labels that are known only when it is made.
    pub(crate) spec: ContainerSpec,
    /// Where the login to the image's registry is kept, if the task definition says so.
    pub(crate) login: Option<SecretLogin>,
    /// Files of variables that are read into its environment when it is made.
    pub(crate) environment_files: Vec<ObjectName>,
    /// Secrets that are read into its environment, or its log driver's options, when it is made.
    pub(crate) secrets: Vec<SecretDefinition>,
    /// It routes the logs of others.
    pub(crate) router: Option<firelens::Router>,
    /// Its own logs are routed.
    pub(crate) routed: Option<firelens::Routed>,
    /// Volumes that must be there before it is made.
    pub(crate) volumes: Vec<VolumeSpec>,
    /// Ports that are told as bindings although nothing is mapped: those of host networking.
    pub(crate) host_ports: Vec<(u16, berth_runtime::Transport)>,
    /// Ranges of its ports, for which ports of the host are found when it is made.
    pub(crate) port_ranges: Vec<PortRange>,
    pub(crate) is_checked: bool,
    /// It is made before any other, and carries the whole task in a label.
    pub(crate) is_anchor: bool,
    /// The agent's own: nobody is told of it.
    pub(crate) is_internal: bool,
}

impl ContainerDefinition {
    pub(crate) fn wanted(&self) -> Wanted {
        Wanted { image: self.spec.image.clone(), login: self.login.clone() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Networking {
    Bridge,
    Host,
    None,
}

impl Definition {
    pub(crate) fn compile(
        task: &acs::Task,
        options: &Options,
        limits: Limits,
    ) -> Result<Self, Refusal> {
        refusal::check_task(task)?;
        let networking = networking(task)?;
        let volumes = volume::compile_all(task)?;
        let gpus = gpus::Gpus::of(task)?;
        let mut containers = Vec::with_capacity(task.containers.len());
        for container in &task.containers {
            let mut compiled =
                container::compile(task, container, networking, &volumes, options, limits)?;
            gpus.give(&container.name, &mut compiled.spec);
            containers.push(compiled);
        }
        firelens::compile(task, networking, options, &mut containers)?;
        if let Some(pause) = pause::compile(task)? {
            for container in &mut containers {
                let need = Need { container: pause.name.clone(), condition: Condition::Start };
                container.needs.push(need);
            }
            containers.insert(0, pause);
        }
        check_needs(&containers)?;
        if let Some(anchor) = containers.iter_mut().find(|container| container.needs.is_empty()) {
            anchor.is_anchor = true;
        }
        let share = Share { gpus: gpus.all().collect(), ..share(task, &containers) };
        let group = group::compile(task, limits)?;
        Ok(Self { containers, share, group })
    }

    /// Volumes that go when the task goes.
    pub(crate) fn volumes_to_remove(task: &acs::Task) -> Vec<String> {
        volume::compile_all(task)
            .unwrap_or_default()
            .into_values()
            .filter_map(|volume| match volume {
                VolumeDefinition::OfTask(spec) => Some(spec.name),
                VolumeDefinition::Host(_)
                | VolumeDefinition::Shared(_)
                | VolumeDefinition::Existing(_) => None,
            })
            .collect()
    }
}

/// The last part of the ARN.
pub(crate) fn task_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// `ecs-<family>-<revision>-<name>-<task>`: ECS's form, with the task's id for its random tail.
fn object_name(task: &acs::Task, name: &str) -> String {
    format!("ecs-{}-{}-{name}-{}", task.family, task.version, task_id(&task.arn))
}

fn networking(task: &acs::Task) -> Result<Networking, Refusal> {
    match task.network_mode.as_deref() {
        None | Some("" | "bridge") => Ok(Networking::Bridge),
        Some("host") => Ok(Networking::Host),
        Some("none") => Ok(Networking::None),
        Some(other) => Err(Refusal::unsupported(format!("networkMode `{other}`"))),
    }
}

fn check_needs(containers: &[ContainerDefinition]) -> Result<(), Refusal> {
    let needs: Vec<(&str, Vec<&str>)> = containers
        .iter()
        .map(|container| {
            let needed = container.needs.iter().map(|need| need.container.as_str()).collect();
            (container.name.as_str(), needed)
        })
        .collect();
    start_order(&needs).map(drop).map_err(|error| Refusal::unreadable(error.to_string()))
}

/// AWS: the task's own figures, or else the sums of its containers'; the soft limit counts before the hard.
fn share(task: &acs::Task, containers: &[ContainerDefinition]) -> Share {
    let of_containers =
        |figure: fn(&acs::Container) -> u64| task.containers.iter().map(figure).sum();
    let cpu_units = match group::cpu_units(task) {
        Some(units) => units.into(),
        None => of_containers(|container| {
            container.cpu.and_then(|cpu| cpu.try_into().ok()).unwrap_or(0)
        }),
    };
    let memory_mib = match group::memory_mib(task) {
        Some(memory) => memory.into(),
        None => containers.iter().map(container::promised_mib).sum(),
    };
    let mapped = containers.iter().flat_map(|container| {
        container.spec.ports.iter().filter_map(|port| Some((port.host_port?, port.transport)))
    });
    let of_host = containers.iter().flat_map(|container| container.host_ports.iter().copied());
    let ports = mapped.chain(of_host).collect();
    Share { cpu_units, memory_mib, ports, ..Share::default() }
}

type Volumes = BTreeMap<String, VolumeDefinition>;

#[cfg(test)]
mod tests;

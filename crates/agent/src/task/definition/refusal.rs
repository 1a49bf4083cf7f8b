//! What this agent does not do, by name.

use std::fmt;

use berth_agent_protocol::acs;

/// Why a task is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    reason: String,
}

impl Refusal {
    /// A parameter that is understood and not done.
    pub(in crate::task) fn unsupported(parameter: impl fmt::Display) -> Self {
        Self {
            reason: format!("ResourceInitializationError: this agent does not support {parameter}"),
        }
    }

    /// Something that the task needs cannot be made.
    pub(super) fn uninitialised(why: impl fmt::Display) -> Self {
        Self { reason: format!("ResourceInitializationError: {why}") }
    }

    /// A payload that makes no sense.
    ///
    /// AWS: the words are those of ECS's agent.
    pub(super) fn unreadable(why: impl fmt::Display) -> Self {
        Self { reason: format!("UnrecognizedTaskError: Error loading task - {why}") }
    }

    /// The `reason` of the stopped task.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }
}

pub(super) fn check_task(task: &acs::Task) -> Result<(), Refusal> {
    if task.arn.is_empty() {
        return Err(Refusal::unreadable("it has no ARN"));
    }
    if task.containers.is_empty() {
        return Err(Refusal::unreadable("it has no containers"));
    }
    refuse_first([
        (task.proxy_configuration.is_some(), "proxyConfiguration"),
        (!task.elastic_network_interfaces.is_empty(), "elasticNetworkInterfaces"),
        (!task.attachments.is_empty(), "attachments"),
        (task.enable_fault_injection == Some(true), "enableFaultInjection"),
    ])
}

pub(super) fn check_container(container: &acs::Container) -> Result<(), Refusal> {
    if container.name.is_empty() {
        return Err(Refusal::unreadable("a container has no name"));
    }
    if container.image.is_empty() {
        return Err(Refusal::unreadable(format_args!(
            "container `{}` has no image",
            container.name
        )));
    }
    refuse_first([
        (!container.credential_specs.is_empty(), "credentialSpecs"),
        (!container.managed_agents.is_empty(), "enableExecuteCommand"),
        (!container.network_interface_names.is_empty(), "networkInterfaceNames"),
    ])
    .map_err(|refusal| Refusal {
        reason: format!("{} (container `{}`)", refusal.reason, container.name),
    })
}

fn refuse_first<const N: usize>(parameters: [(bool, &str); N]) -> Result<(), Refusal> {
    match parameters.into_iter().find(|(is_used, _)| *is_used) {
        Some((_, name)) => Err(Refusal::unsupported(name)),
        None => Ok(()),
    }
}

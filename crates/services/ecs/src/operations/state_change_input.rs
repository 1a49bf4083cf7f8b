//! What agents say of containers, checked: shared by the operations that take it.

use std::sync::Arc;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::Call;
use berth_control::tables::View;
use berth_lifecycle::{ContainerReport, TaskReport};
use berth_model::{ContainerStatus, Word};

use super::attachment_input;
use crate::identity::speaks_for;
use crate::tables::{Container, ContainerInstance, NetworkBinding, Task};
use crate::{image_resolution, progress, resolve};

/// Merges a report into the record of its task, if the caller may report on it and says something new.
pub fn apply(
    tx: &mut Transaction,
    call: &Call,
    cluster: Option<&str>,
    task: Option<&str>,
    containers: &Containers,
    of_task: TaskReport<'_>,
    beside: &Beside,
) -> Result<(), api::Error> {
    let task = reported_task(tx, call, cluster, task)?;
    let report = TaskReport { containers: containers.reports(), ..of_task };
    let pass = |index: usize, container: &mut Container| containers.pass(index, container);
    // AWS: with a task but no status only what is beside its containers is told.
    let mut next = progress::after_report(tx, &task, &report, &pass, call.now)
        .unwrap_or_else(|| Task::clone(&task));
    attachment_input::attach(&mut next, &beside.attachments)?;
    attachment_input::manage(&mut next, &beside.managed_agents, call.now)?;
    if next != *task {
        next.version = task.version + 1;
        image_resolution::establish(tx, &next, call.now);
        tx.put(next);
    }
    Ok(())
}

/// What a report says beside the containers' own state.
#[derive(Default)]
pub struct Beside {
    pub attachments: Vec<api::AttachmentStateChange>,
    pub managed_agents: Vec<api::ManagedAgentStateChange>,
}

/// The task that a report is about, if the caller may report on it.
fn reported_task(
    view: &impl View,
    call: &Call,
    cluster: Option<&str>,
    task: Option<&str>,
) -> Result<Arc<Task>, api::Error> {
    let cluster = resolve::cluster(view, &call.scope, cluster)?;
    let task = resolve::task(view, &cluster, task.unwrap_or_default())?
        .ok_or_else(|| api::Error::invalid_parameter("The referenced task was not found."))?;
    let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
    if instance.is_some_and(|instance| !speaks_for(call, instance)) {
        let message =
            "The task is on a container instance that was registered with other credentials.";
        return Err(api::Error::access_denied(message));
    }
    Ok(task)
}

/// The reported containers, in the order of the report.
pub struct Containers(Vec<(ContainerStatus, api::ContainerStateChange)>);

impl Containers {
    pub fn parse(given: Vec<api::ContainerStateChange>) -> Result<Self, api::Error> {
        let changes = given.into_iter().enumerate();
        changes
            .map(|(index, change)| checked(&format!("containers[{index}]."), change))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A report on one container, whose parameters are the request's own.
    pub fn of_one(change: api::ContainerStateChange) -> Result<Self, api::Error> {
        checked("", change).map(|checked| Self(vec![checked]))
    }

    fn reports(&self) -> Vec<ContainerReport<'_>> {
        let reports = self.0.iter().map(|(status, change)| ContainerReport {
            name: change.container_name.as_deref().unwrap_or_default(),
            status: *status,
            exit_code: change.exit_code,
            reason: change.reason.as_deref(),
        });
        reports.collect()
    }

    /// Copies into the record what needs no judgement: what a report leaves out stays as it was.
    fn pass(&self, index: usize, container: &mut Container) {
        let Some((_, change)) = self.0.get(index) else { return };
        fn given<T: for<'a> From<&'a str>>(text: &Option<String>) -> Option<T> {
            text.as_deref().filter(|text| !text.is_empty()).map(T::from)
        }
        container.runtime_id = given(&change.runtime_id).or(container.runtime_id.take());
        container.image_digest = given(&change.image_digest).or(container.image_digest.take());
        if let Some(bindings) =
            change.network_bindings.as_ref().filter(|bindings| !bindings.is_empty())
        {
            container.network_bindings = bindings.iter().map(network_binding).collect();
        }
    }
}

fn checked(
    place: &str,
    change: api::ContainerStateChange,
) -> Result<(ContainerStatus, api::ContainerStateChange), api::Error> {
    let status = change.status.as_deref().unwrap_or_default();
    let status = status
        .parse()
        .map_err(|error| api::Error::invalid_parameter(format!("{place}status: {error}.")))?;
    for (index, binding) in change.network_bindings.iter().flatten().enumerate() {
        for (name, port) in
            [("containerPort", binding.container_port), ("hostPort", binding.host_port)]
        {
            if let Some(port) = port.filter(|port| u16::try_from(*port).is_err()) {
                let message =
                    format!("{place}networkBindings[{index}].{name}: {port} is not a port.");
                return Err(api::Error::invalid_parameter(message));
            }
        }
    }
    Ok((status, change))
}

fn network_binding(binding: &api::NetworkBinding) -> NetworkBinding {
    let word = |text: &Option<String>| text.as_deref().map(Word::from);
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    NetworkBinding {
        bind_ip: word(&binding.bind_ip),
        container_port: port(binding.container_port),
        host_port: port(binding.host_port),
        protocol: binding.protocol.as_ref().map(|protocol| protocol.as_str().into()),
        container_port_range: word(&binding.container_port_range),
        host_port_range: word(&binding.host_port_range),
    }
}

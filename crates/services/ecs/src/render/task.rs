//! A task and its containers as DescribeTasks and the operations that change them show them.

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{AttachmentId, ContainerArn, ContainerStatus, Scope, TaskArn, Word};

use super::{cluster_arn, container_instance_arn, task_definition_arn};
use crate::platform::{self, ARCHITECTURE};
use crate::runnable::Runnable;
use crate::tables::{
    Attachment, Cluster, Container, ContainerInstance, ManagedAgent, NetworkBinding, RuntimeId,
    Task, TaskDefinition,
};

pub fn task_arn(cluster: &Cluster, task: &Task) -> TaskArn {
    TaskArn {
        scope: task.scope.clone(),
        cluster: task.long_arn.then(|| cluster.name.clone()),
        id: task.id,
    }
}

/// AWS: the long format has no cluster in it either.
pub fn attachment_arn(scope: &Scope, id: AttachmentId) -> String {
    let (partition, region, account) = (&scope.partition, &scope.region, &scope.account);
    format!("arn:{partition}:ecs:{region}:{account}:attachment/{}", id.hyphenated())
}

pub fn container_arn(cluster: &Cluster, task: &Task, container: &Container) -> ContainerArn {
    ContainerArn {
        scope: task.scope.clone(),
        task: task.long_arn.then(|| (cluster.name.clone(), task.id)),
        id: container.id,
    }
}

/// `tags` are shown only where the caller asked for them.
pub fn task(view: &impl View, cluster: &Cluster, task: &Task, tags: bool) -> api::Task {
    let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
    let definition = view.get::<TaskDefinition>(&task.task_definition);
    let runnable =
        definition.map(|definition| definition.content.runnable(task.overrides.as_deref()));
    let times = &task.times;
    api::Task {
        attachments: Some(task.attachments.iter().map(attachment).collect()),
        attributes: Some(attributes(definition, instance)),
        availability_zone: instance.and_then(availability_zone),
        capacity_provider_name: text(&task.capacity_provider),
        cluster_arn: Some(cluster_arn(cluster).to_string()),
        connectivity: times.connectivity_at.map(|_| api::Connectivity::Connected),
        connectivity_at: times.connectivity_at,
        container_instance_arn: instance
            .map(|instance| container_instance_arn(cluster, instance).to_string()),
        containers: Some(containers(cluster, task, runnable.as_deref())),
        cpu: runnable.as_ref().map(|runnable| runnable.cpu_units().0.to_string()),
        memory: runnable.as_ref().map(|runnable| runnable.memory_mib().0.to_string()),
        created_at: Some(times.created_at),
        desired_status: Some(task.desired_status.as_str().to_owned()),
        enable_execute_command: Some(task.enable_execute_command),
        execution_stopped_at: times.execution_stopped_at,
        group: Some(task.group.to_string()),
        health_status: Some(task.health.as_str().into()),
        last_status: Some(task.last_status.as_str().to_owned()),
        launch_type: Some(task.launch_type.as_str().into()),
        overrides: Some(overrides(task)),
        pull_started_at: times.pull_started_at,
        pull_stopped_at: times.pull_stopped_at,
        started_at: times.started_at,
        started_by: text(&task.started_by),
        stop_code: task.stop_code.map(|code| code.as_str().into()),
        stopped_at: times.stopped_at,
        stopped_reason: text(&task.stopped_reason),
        stopping_at: times.stopping_at,
        tags: Some(if tags { super::tags(&task.tags) } else { Vec::new() }),
        task_arn: Some(task_arn(cluster, task).to_string()),
        task_definition_arn: definition
            .map(|definition| task_definition_arn(definition).to_string()),
        version: Some(task.version as i64),
        ..Default::default()
    }
}

/// AWS: a task shows the architecture it was placed for, and nothing else of its instance.
fn attributes(
    definition: Option<&TaskDefinition>,
    instance: Option<&ContainerInstance>,
) -> Vec<api::Attribute> {
    let asked = definition.and_then(|definition| platform::architecture(&definition.content));
    let told =
        instance.and_then(|instance| instance.attributes.get(ARCHITECTURE)?.value.as_deref());
    vec![api::Attribute {
        name: Some(ARCHITECTURE.to_owned()),
        value: Some(asked.or(told).unwrap_or("x86_64").to_owned()),
        ..Default::default()
    }]
}

fn availability_zone(instance: &ContainerInstance) -> Option<String> {
    instance.attributes.get("ecs.availability-zone").and_then(|attribute| attribute.value.clone())
}

/// AWS: what was not overridden is shown as empty overrides, one for each container.
fn overrides(task: &Task) -> api::TaskOverride {
    let given = task.overrides.as_deref();
    let of_container = |container: &Container| {
        let mut given =
            given.iter().flat_map(|overrides| overrides.container_overrides.iter().flatten());
        let found =
            given.find(|candidate| candidate.name.as_deref() == Some(&container.name)).cloned();
        found.unwrap_or_else(|| api::ContainerOverride {
            name: Some(container.name.to_string()),
            ..Default::default()
        })
    };
    api::TaskOverride {
        container_overrides: Some(task.containers.iter().map(of_container).collect()),
        inference_accelerator_overrides: Some(Vec::new()),
        ..given.cloned().unwrap_or_default()
    }
}

fn containers(cluster: &Cluster, task: &Task, runnable: Option<&Runnable>) -> Vec<api::Container> {
    let defined = |index: usize| runnable.and_then(|runnable| runnable.containers.get(index));
    let rendered = task.containers.iter().enumerate();
    rendered
        .map(|(index, container)| self::container(cluster, task, container, defined(index)))
        .collect()
}

fn container(
    cluster: &Cluster,
    task: &Task,
    container: &Container,
    defined: Option<&api::ContainerDefinition>,
) -> api::Container {
    let number = |number: Option<i32>| number.map(|number| number.to_string());
    api::Container {
        container_arn: Some(container_arn(cluster, task, container).to_string()),
        task_arn: Some(task_arn(cluster, task).to_string()),
        name: Some(container.name.to_string()),
        image: defined.and_then(|defined| defined.image.clone()),
        image_digest: text(&container.image_digest),
        runtime_id: container.runtime_id.as_ref().map(RuntimeId::to_string),
        last_status: Some(shown_status(container.status).to_owned()),
        exit_code: container.exit_code,
        reason: text(&container.reason),
        network_bindings: Some(container.network_bindings.iter().map(network_binding).collect()),
        network_interfaces: Some(Vec::new()),
        health_status: Some(container.health.as_str().into()),
        cpu: Some(
            defined.and_then(|defined| number(defined.cpu)).unwrap_or_else(|| "0".to_owned()),
        ),
        memory: defined.and_then(|defined| number(defined.memory)),
        memory_reservation: defined.and_then(|defined| number(defined.memory_reservation)),
        gpu_ids: Some(Vec::clone(&container.gpu_ids)).filter(|ids| !ids.is_empty()),
        managed_agents: Some(
            container.managed_agents.iter().map(managed_agent).collect::<Vec<_>>(),
        )
        .filter(|agents| !agents.is_empty()),
        ..Default::default()
    }
}

fn text(word: &Option<Word>) -> Option<String> {
    word.as_deref().map(str::to_owned)
}

fn managed_agent(agent: &ManagedAgent) -> api::ManagedAgent {
    api::ManagedAgent {
        name: Some(agent.name.as_str().into()),
        last_status: Some(agent.status.clone()),
        reason: agent.reason.clone(),
        last_started_at: agent.last_started_at,
    }
}

fn attachment(attachment: &Attachment) -> api::Attachment {
    let detail = |(name, value): &(String, String)| api::KeyValuePair {
        name: Some(name.clone()),
        value: Some(value.clone()),
    };
    api::Attachment {
        id: Some(attachment.id.hyphenated().to_string()),
        r#type: Some(attachment.kind.clone()),
        status: Some(attachment.status.clone()),
        details: Some(attachment.details.iter().map(detail).collect()),
    }
}

/// AWS: the steps between PENDING and RUNNING are the agent's own affair.
fn shown_status(status: ContainerStatus) -> &'static str {
    match status {
        ContainerStatus::Pending | ContainerStatus::Pulled | ContainerStatus::Created => "PENDING",
        ContainerStatus::Running | ContainerStatus::ResourcesProvisioned => "RUNNING",
        ContainerStatus::Stopped => "STOPPED",
    }
}

fn network_binding(binding: &NetworkBinding) -> api::NetworkBinding {
    api::NetworkBinding {
        bind_ip: text(&binding.bind_ip),
        container_port: binding.container_port.map(i32::from),
        host_port: binding.host_port.map(i32::from),
        protocol: binding.protocol.as_deref().map(Into::into),
        container_port_range: text(&binding.container_port_range),
        host_port_range: text(&binding.host_port_range),
    }
}

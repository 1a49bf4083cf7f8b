//! A container instance as DescribeContainerInstances and the operations that change it show it.

use std::collections::BTreeSet;

use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::ContainerInstanceArn;

use crate::tables::{
    Attribute, Cluster, ContainerInstance, RegisteredResources, ResourceChanges, Task, Usage,
};

pub fn container_instance_arn(
    cluster: &Cluster,
    instance: &ContainerInstance,
) -> ContainerInstanceArn {
    ContainerInstanceArn {
        scope: instance.scope.clone(),
        cluster: instance.long_arn.then(|| cluster.name.clone()),
        id: instance.id,
    }
}

/// `tags` and `health` are shown only where the caller asked for them.
pub fn container_instance(
    view: &impl View,
    cluster: &Cluster,
    instance: &ContainerInstance,
    tags: bool,
    health: bool,
) -> api::ContainerInstance {
    let usage = view.table::<Task>().indexes().usage.get(&instance.id);
    let version = container_instance_version(view, instance);
    api::ContainerInstance {
        tags: Some(if tags { super::tags(&instance.tags) } else { Vec::new() }),
        health_status: instance.health.as_ref().filter(|_| health).map(|health| (**health).clone()),
        ..container_instance_as(cluster, instance, version, usage)
    }
}

/// AWS: that tasks take resources, or give them back, is a change of the instance too.
pub fn container_instance_version(view: &impl View, instance: &ContainerInstance) -> u64 {
    let changes = view.get::<ResourceChanges>(&instance.id);
    instance.version + changes.map_or(0, |changes| changes.count)
}

/// An instance whose tasks take this much, without what is shown only to who asks for it.
pub fn container_instance_as(
    cluster: &Cluster,
    instance: &ContainerInstance,
    version: u64,
    usage: &Usage,
) -> api::ContainerInstance {
    api::ContainerInstance {
        container_instance_arn: Some(container_instance_arn(cluster, instance).to_string()),
        ec2_instance_id: instance.ec2_instance_id.clone(),
        capacity_provider_name: instance.capacity_provider.clone(),
        version: Some(version as i64),
        version_info: Some(version_info(instance)),
        remaining_resources: Some(remaining(&instance.registered, usage)),
        registered_resources: Some(registered(&instance.registered)),
        status: Some(instance.status.as_str().to_owned()),
        status_reason: instance.status_reason.clone(),
        agent_connected: Some(instance.agent_connected),
        running_tasks_count: Some(usage.counts.running as i32),
        pending_tasks_count: Some(usage.counts.pending as i32),
        attributes: Some(instance.attributes.iter().map(attribute).collect()),
        registered_at: Some(instance.registered_at),
        attachments: Some(Vec::new()),
        ..Default::default()
    }
}

fn version_info(instance: &ContainerInstance) -> api::VersionInfo {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    api::VersionInfo {
        agent_version: given(&instance.agent.agent_version),
        agent_hash: given(&instance.agent.agent_hash),
        docker_version: given(&instance.agent.docker_version),
    }
}

fn attribute((name, attribute): (&String, &Attribute)) -> api::Attribute {
    api::Attribute {
        name: Some(name.clone()),
        value: attribute.value.clone(),
        ..Default::default()
    }
}

/// An attribute by itself, which says whose it is.
pub fn attribute_of(
    cluster: &Cluster,
    instance: &ContainerInstance,
    name: &str,
    attribute: &Attribute,
) -> api::Attribute {
    api::Attribute {
        name: Some(name.to_owned()),
        value: attribute.value.clone(),
        target_id: Some(container_instance_arn(cluster, instance).to_string()),
        ..Default::default()
    }
}

fn registered(resources: &RegisteredResources) -> Vec<api::Resource> {
    let gpus: Vec<&String> = resources.gpus.iter().collect();
    let list = list(
        resources.cpu.0,
        resources.memory.0,
        &resources.reserved_tcp,
        &resources.reserved_udp,
        (!resources.gpus.is_empty()).then_some(gpus),
    );
    with_neuron(list, resources)
}

/// AWS: of ports, the list shows those that are taken, not those that remain.
fn remaining(resources: &RegisteredResources, usage: &Usage) -> Vec<api::Resource> {
    let gpus: Vec<&String> =
        resources.gpus.iter().filter(|gpu| !usage.gpus.contains(*gpu)).collect();
    let list = list(
        resources.cpu.saturating_sub(usage.cpu).0,
        resources.memory.saturating_sub(usage.memory).0,
        &resources.reserved_tcp.union(&usage.tcp).copied().collect(),
        &resources.reserved_udp.union(&usage.udp).copied().collect(),
        (!resources.gpus.is_empty()).then_some(gpus),
    );
    with_neuron(list, resources)
}

/// No task of this launch type takes any of them.
fn with_neuron(
    mut list: Vec<api::Resource>,
    resources: &RegisteredResources,
) -> Vec<api::Resource> {
    for (name, ids) in
        [("NEURON_CORES", &resources.neuron_cores), ("NEURON_DEVICE", &resources.neuron_devices)]
    {
        if !ids.is_empty() {
            list.push(string_set(name, ids.clone()));
        }
    }
    list
}

fn list(
    cpu: u32,
    memory: u32,
    tcp: &BTreeSet<u16>,
    udp: &BTreeSet<u16>,
    gpus: Option<Vec<&String>>,
) -> Vec<api::Resource> {
    let ports = |ports: &BTreeSet<u16>| ports.iter().map(u16::to_string).collect();
    let mut list = vec![
        integer("CPU", cpu),
        integer("MEMORY", memory),
        string_set("PORTS", ports(tcp)),
        string_set("PORTS_UDP", ports(udp)),
    ];
    if let Some(gpus) = gpus {
        list.push(string_set("GPU", gpus.into_iter().cloned().collect()));
    }
    list
}

/// AWS: a resource has all three kinds of number, whatever its type; those that do not apply are zero.
fn resource(name: &str, r#type: &str) -> api::Resource {
    api::Resource {
        name: Some(name.to_owned()),
        r#type: Some(r#type.to_owned()),
        double_value: Some(0.0),
        long_value: Some(0),
        integer_value: Some(0),
        ..Default::default()
    }
}

fn integer(name: &str, value: u32) -> api::Resource {
    api::Resource {
        integer_value: i32::try_from(value).ok().or(Some(i32::MAX)),
        ..resource(name, "INTEGER")
    }
}

fn string_set(name: &str, values: Vec<String>) -> api::Resource {
    api::Resource { string_set_value: Some(values), ..resource(name, "STRINGSET") }
}

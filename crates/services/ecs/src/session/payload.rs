//! From a task to what its agent is told: one entry of a payload.
//!
//! AWS: the agent takes most of a container's parameters from `dockerConfig`, two documents in Docker's
//! own spelling that the server writes (`docker_config.rs`); the rest are fields of the protocol.

use berth_agent_protocol::acs;
use berth_aws_api::ecs as api;
use berth_control::tables::View;
use berth_model::{CpuUnits, DesiredStatus};

use super::docker_config::docker_config;
use crate::render;
use crate::runnable::Runnable;
use crate::tables::{Cluster, Container, Task, TaskDefinition};

/// The whole task if it is to run; only who it is and that it must stop if it is to stop.
pub fn task(view: &impl View, cluster: &Cluster, task: &Task) -> Option<acs::Task> {
    let definition = view.get::<TaskDefinition>(&task.task_definition)?;
    let identity = acs::Task {
        arn: render::task_arn(cluster, task).to_string(),
        task_cluster_arn: Some(render::cluster_arn(cluster).to_string()),
        desired_status: Some(desired_status(task.desired_status)),
        family: definition.family.to_string(),
        version: definition.revision.to_string(),
        ..Default::default()
    };
    if task.desired_status == DesiredStatus::Stopped {
        return Some(identity);
    }
    let runnable = Runnable::new(&definition.content, task.overrides.as_deref());
    let containers = runnable.containers.iter().zip(&task.containers);
    Some(acs::Task {
        containers: containers
            .map(|(defined, of_task)| container(cluster, task, defined, of_task))
            .collect(),
        volumes: runnable.volumes.iter().map(volume).collect(),
        network_mode: Some(runnable.network_mode.as_str().to_owned()),
        cpu: runnable.cpu.map(vcpus),
        memory: runnable.memory.map(|memory| memory.0.into()),
        pid_mode: runnable.pid_mode.as_ref().map(|mode| mode.as_str().to_owned()),
        ipc_mode: runnable.ipc_mode.as_ref().map(|mode| mode.as_str().to_owned()),
        launch_type: Some(task.launch_type.as_str().to_owned()),
        group: Some(task.group.clone()),
        ..identity
    })
}

fn desired_status(status: DesiredStatus) -> acs::DesiredStatus {
    match status {
        DesiredStatus::Pending | DesiredStatus::Running => acs::DesiredStatus::Running,
        DesiredStatus::Stopped => acs::DesiredStatus::Stopped,
    }
}

fn vcpus(cpu: CpuUnits) -> f64 {
    f64::from(cpu.0) / f64::from(CpuUnits::PER_VCPU)
}

fn container(
    cluster: &Cluster,
    task: &Task,
    defined: &api::ContainerDefinition,
    of_task: &Container,
) -> acs::Container {
    acs::Container {
        name: of_task.name.clone(),
        container_arn: Some(render::container_arn(cluster, task, of_task).to_string()),
        image: defined.image.clone().unwrap_or_default(),
        essential: defined.essential.unwrap_or(true),
        cpu: defined.cpu.map(i64::from),
        memory: defined.memory.map(i64::from),
        command: defined.command.clone().unwrap_or_default(),
        entry_point: defined.entry_point.clone().unwrap_or_default(),
        environment: environment(defined),
        links: defined.links.clone().unwrap_or_default(),
        mount_points: defined.mount_points.iter().flatten().map(mount_point).collect(),
        volumes_from: defined.volumes_from.iter().flatten().map(volume_from).collect(),
        port_mappings: defined.port_mappings.iter().flatten().map(port_mapping).collect(),
        depends_on: defined.depends_on.iter().flatten().filter_map(dependency).collect(),
        start_timeout: defined.start_timeout.map(i64::from),
        stop_timeout: defined.stop_timeout.map(i64::from),
        health_check_type: defined.health_check.as_ref().map(|_| acs::HealthCheckType::Docker),
        restart_policy: defined.restart_policy.as_ref().map(restart_policy),
        docker_config: Some(docker_config(defined)),
        ..Default::default()
    }
}

fn environment(defined: &api::ContainerDefinition) -> std::collections::BTreeMap<String, String> {
    let pairs = defined.environment.iter().flatten();
    pairs
        .filter_map(|pair| Some((pair.name.clone()?, pair.value.clone().unwrap_or_default())))
        .collect()
}

fn mount_point(mount: &api::MountPoint) -> acs::MountPoint {
    acs::MountPoint {
        source_volume: mount.source_volume.clone().unwrap_or_default(),
        container_path: mount.container_path.clone().unwrap_or_default(),
        read_only: mount.read_only,
    }
}

fn volume_from(from: &api::VolumeFrom) -> acs::VolumeFrom {
    acs::VolumeFrom {
        source_container: from.source_container.clone().unwrap_or_default(),
        read_only: from.read_only,
    }
}

fn port_mapping(mapping: &api::PortMapping) -> acs::PortMapping {
    acs::PortMapping {
        container_port: mapping.container_port.map(i64::from),
        host_port: mapping.host_port.map(i64::from),
        container_port_range: mapping.container_port_range.clone(),
        protocol: Some(match mapping.protocol {
            Some(api::TransportProtocol::Udp) => acs::TransportProtocol::Udp,
            _ => acs::TransportProtocol::Tcp,
        }),
    }
}

fn dependency(dependency: &api::ContainerDependency) -> Option<acs::ContainerDependency> {
    use api::ContainerCondition::{Complete, Healthy, Start, Success};
    let condition = match dependency.condition.as_ref()? {
        Start => acs::ContainerCondition::Start,
        Complete => acs::ContainerCondition::Complete,
        Success => acs::ContainerCondition::Success,
        Healthy => acs::ContainerCondition::Healthy,
        api::ContainerCondition::Unknown(_) => return None,
    };
    Some(acs::ContainerDependency { container_name: dependency.container_name.clone()?, condition })
}

fn restart_policy(policy: &api::ContainerRestartPolicy) -> acs::RestartPolicy {
    acs::RestartPolicy {
        enabled: policy.enabled.unwrap_or(false),
        ignored_exit_codes: policy
            .ignored_exit_codes
            .iter()
            .flatten()
            .copied()
            .map(i64::from)
            .collect(),
        restart_attempt_period: policy.restart_attempt_period.map(i64::from),
    }
}

fn volume(volume: &api::Volume) -> acs::Volume {
    let name = volume.name.clone().unwrap_or_default();
    if let Some(docker) = &volume.docker_volume_configuration {
        let configuration = acs::DockerVolumeConfiguration {
            scope: Some(match docker.scope {
                Some(api::Scope::Shared) => acs::VolumeScope::Shared,
                _ => acs::VolumeScope::Task,
            }),
            autoprovision: docker.autoprovision,
            driver: docker.driver.clone(),
            driver_opts: docker.driver_opts.clone().unwrap_or_default(),
            labels: docker.labels.clone().unwrap_or_default(),
        };
        return acs::Volume {
            name,
            kind: Some(acs::VolumeType::Docker),
            docker_volume_configuration: Some(configuration),
            ..Default::default()
        };
    }
    let source_path = volume.host.as_ref().and_then(|host| host.source_path.clone());
    acs::Volume {
        name,
        kind: Some(acs::VolumeType::Host),
        host: Some(acs::HostVolumeProperties { source_path }),
        ..Default::default()
    }
}

//! One container of a payload's task.

use std::collections::BTreeMap;

use berth_agent_protocol::acs;
use berth_aws_api::ecs as api;

use super::super::docker_config::docker_config;
use super::sources;
use crate::image_resolution;
use crate::render;
use crate::runnable::Runnable;
use crate::tables::{Cluster, Container, ResolvedImages, Task};

pub(super) fn compile(
    cluster: &Cluster,
    task: &Task,
    runnable: &Runnable,
    defined: &api::ContainerDefinition,
    of_task: &Container,
    resolved: Option<&ResolvedImages>,
) -> acs::Container {
    acs::Container {
        name: of_task.name.to_string(),
        container_arn: Some(render::container_arn(cluster, task, of_task).to_string()),
        image: image_resolution::reference(defined, resolved),
        essential: defined.essential.unwrap_or(true),
        cpu: defined.cpu.map(i64::from),
        memory: defined.memory.map(i64::from),
        command: defined.command.clone().unwrap_or_default(),
        entry_point: defined.entry_point.clone().unwrap_or_default(),
        environment: environment(defined),
        environment_files: sources::environment_files(defined),
        secrets: sources::secrets(defined, &task.scope.region),
        registry_authentication: sources::registry(
            defined,
            runnable.execution_role_arn.is_some(),
            &task.scope.region,
        ),
        firelens_configuration: defined.firelens_configuration.as_ref().map(firelens),
        logs_auth_strategy: logs_auth_strategy(runnable, defined),
        credential_specs: defined.credential_specs.clone().unwrap_or_default(),
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

fn environment(defined: &api::ContainerDefinition) -> BTreeMap<String, String> {
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

fn firelens(router: &api::FirelensConfiguration) -> acs::FirelensConfiguration {
    acs::FirelensConfiguration {
        kind: router.r#type.as_ref().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        options: router.options.clone().unwrap_or_default(),
    }
}

/// AWS: with an execution role, logs are sent with its credentials and not with the host's.
fn logs_auth_strategy(runnable: &Runnable, defined: &api::ContainerDefinition) -> Option<String> {
    let driver = defined.log_configuration.as_ref()?.log_driver.as_ref()?;
    let by_role = *driver == api::LogDriver::Awslogs && runnable.execution_role_arn.is_some();
    by_role.then(|| "ExecutionRole".to_owned())
}

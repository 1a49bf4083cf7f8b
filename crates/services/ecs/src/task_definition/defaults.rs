//! The defaults that ECS fills in and shows.
//!
//! A default that ECS applies without showing it (a network mode of `bridge`, version consistency) stays
//! absent here too.

use berth_aws_api::ecs as api;

use super::size;

/// A request as a task definition; what the record holds by itself is left out.
pub fn fill(
    request: api::RegisterTaskDefinitionRequest,
) -> Result<api::TaskDefinition, api::Error> {
    let host_port = match request.network_mode {
        Some(api::NetworkMode::Awsvpc | api::NetworkMode::Host) => HostPort::OfContainer,
        _ => HostPort::Dynamic,
    };
    let containers = request.container_definitions.unwrap_or_default();
    Ok(api::TaskDefinition {
        container_definitions: Some(
            containers.into_iter().map(|each| container(each, host_port)).collect(),
        ),
        task_role_arn: request.task_role_arn.filter(|role| !role.is_empty()),
        execution_role_arn: request.execution_role_arn.filter(|role| !role.is_empty()),
        network_mode: request.network_mode,
        volumes: Some(request.volumes.unwrap_or_default().into_iter().map(volume).collect()),
        placement_constraints: Some(request.placement_constraints.unwrap_or_default()),
        requires_compatibilities: request
            .requires_compatibilities
            .filter(|required| !required.is_empty()),
        cpu: request.cpu.map(|cpu| size::cpu(&cpu)).transpose()?.map(|cpu| cpu.to_string()),
        memory: request
            .memory
            .map(|memory| size::memory(&memory))
            .transpose()?
            .map(|memory| memory.to_string()),
        pid_mode: request.pid_mode,
        ipc_mode: request.ipc_mode,
        proxy_configuration: request.proxy_configuration.map(proxy),
        inference_accelerators: request.inference_accelerators,
        ephemeral_storage: request.ephemeral_storage,
        runtime_platform: request.runtime_platform,
        enable_fault_injection: request.enable_fault_injection,
        trusted_execution_configuration: request.trusted_execution_configuration,
        ..Default::default()
    })
}

/// What a port mapping without a host port gets.
#[derive(Clone, Copy)]
enum HostPort {
    /// One that the engine finds: 0.
    Dynamic,
    /// The container's port itself.
    OfContainer,
}

fn container(given: api::ContainerDefinition, host_port: HostPort) -> api::ContainerDefinition {
    let ports = given.port_mappings.unwrap_or_default();
    api::ContainerDefinition {
        cpu: Some(given.cpu.unwrap_or(0)),
        essential: Some(given.essential.unwrap_or(true)),
        environment: Some(given.environment.unwrap_or_default()),
        mount_points: Some(given.mount_points.unwrap_or_default()),
        volumes_from: Some(given.volumes_from.unwrap_or_default()),
        port_mappings: Some(ports.into_iter().map(|each| port_mapping(each, host_port)).collect()),
        system_controls: Some(given.system_controls.unwrap_or_default()),
        health_check: given.health_check.map(health_check),
        ..given
    }
}

fn port_mapping(given: api::PortMapping, host_port: HostPort) -> api::PortMapping {
    let host_port = match host_port {
        // A range has a range of host ports, which is known when the task runs.
        _ if given.container_port.is_none() => given.host_port,
        HostPort::Dynamic => Some(given.host_port.unwrap_or(0)),
        // AWS: an explicit 0 means the same as nothing.
        HostPort::OfContainer => given.host_port.filter(|port| *port != 0).or(given.container_port),
    };
    api::PortMapping {
        host_port,
        protocol: Some(given.protocol.unwrap_or(api::TransportProtocol::Tcp)),
        ..given
    }
}

fn health_check(given: api::HealthCheck) -> api::HealthCheck {
    api::HealthCheck {
        interval: Some(given.interval.unwrap_or(30)),
        timeout: Some(given.timeout.unwrap_or(5)),
        retries: Some(given.retries.unwrap_or(3)),
        ..given
    }
}

fn volume(given: api::Volume) -> api::Volume {
    let docker = given.docker_volume_configuration.map(|docker| api::DockerVolumeConfiguration {
        scope: Some(docker.scope.unwrap_or(api::Scope::Task)),
        driver: Some(
            docker.driver.filter(|driver| !driver.is_empty()).unwrap_or_else(|| "local".to_owned()),
        ),
        ..docker
    });
    let efs = given.efs_volume_configuration.map(|efs| api::EFSVolumeConfiguration {
        root_directory: Some(root(efs.root_directory)),
        ..efs
    });
    let s3 = given.s3files_volume_configuration.map(|s3| api::S3FilesVolumeConfiguration {
        root_directory: Some(root(s3.root_directory)),
        ..s3
    });
    let is_bind_mount = docker.is_none()
        && efs.is_none()
        && s3.is_none()
        && given.fsx_windows_file_server_volume_configuration.is_none()
        && given.configured_at_launch != Some(true);
    api::Volume {
        // AWS: a volume of which nothing but the name is known is a bind mount of a directory that the
        // engine finds.
        host: given.host.or_else(|| is_bind_mount.then(Default::default)),
        docker_volume_configuration: docker,
        efs_volume_configuration: efs,
        s3files_volume_configuration: s3,
        ..given
    }
}

fn root(given: Option<String>) -> String {
    given.filter(|root| !root.is_empty()).unwrap_or_else(|| "/".to_owned())
}

fn proxy(given: api::ProxyConfiguration) -> api::ProxyConfiguration {
    api::ProxyConfiguration {
        r#type: Some(given.r#type.unwrap_or(api::ProxyConfigurationType::Appmesh)),
        ..given
    }
}

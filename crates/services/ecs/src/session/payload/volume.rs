//! One volume of a payload's task.

use berth_agent_protocol::acs;
use berth_aws_api::ecs as api;

pub(super) fn compile(volume: &api::Volume) -> acs::Volume {
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

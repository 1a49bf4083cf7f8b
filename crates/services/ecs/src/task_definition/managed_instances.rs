//! What ECS Managed Instances demand of a task definition.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, network_mode, refuse, refuse_unless, volumes_of};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let mode = network_mode(definition);
    refuse_unless(matches!(mode, api::NetworkMode::Awsvpc | api::NetworkMode::Host), || {
        format!("Managed Instances support the network modes awsvpc and host, not {mode}.")
    })?;
    for (member, value) in [("cpu", &definition.cpu), ("memory", &definition.memory)] {
        refuse_unless(value.is_some(), || {
            format!("Managed Instances require that '{member}' be defined at the task level.")
        })?;
    }
    if definition
        .inference_accelerators
        .as_ref()
        .is_some_and(|accelerators| !accelerators.is_empty())
    {
        return unsupported("inferenceAccelerators");
    }
    for volume in volumes_of(definition) {
        if volume.docker_volume_configuration.is_some() {
            return unsupported("dockerVolumeConfiguration");
        }
        if volume.fsx_windows_file_server_volume_configuration.is_some() {
            return unsupported("fsxWindowsFileServerVolumeConfiguration");
        }
    }
    for container in containers_of(definition) {
        let driver = container.log_configuration.as_ref().and_then(|logs| logs.log_driver.as_ref());
        match driver {
            None
            | Some(
                api::LogDriver::Awslogs
                | api::LogDriver::Splunk
                | api::LogDriver::Awsfirelens
                | api::LogDriver::JsonFile,
            ) => {}
            Some(driver) => return unsupported(&format!("the log driver {driver}")),
        }
    }
    Ok(())
}

fn unsupported(what: &str) -> Verdict {
    refuse(format!("Managed Instances compatible task definitions do not support {what}"))
}

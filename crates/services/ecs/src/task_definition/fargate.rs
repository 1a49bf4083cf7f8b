//! What Fargate demands of a task definition.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, network_mode, refuse, refuse_unless, volumes_of};

const LONGEST_STOP: i32 = 120;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    refuse_unless(*network_mode(definition) == api::NetworkMode::Awsvpc, || {
        "Fargate only supports network mode ‘awsvpc’.".to_owned()
    })?;
    check_size(definition)?;
    check_task(definition)?;
    for volume in volumes_of(definition) {
        check_volume(volume)?;
    }
    for container in containers_of(definition) {
        check_container(container)?;
        check_linux(container)?;
        check_execution_role(definition, container)?;
    }
    Ok(())
}

fn unsupported(what: &str) -> Verdict {
    refuse(format!("Fargate compatible task definitions do not support {what}"))
}

fn check_size(definition: &api::TaskDefinition) -> Verdict {
    let size = |member: &str, text: &Option<String>| -> Result<u32, api::Error> {
        match text.as_deref().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(number),
            None => {
                refuse(format!("Fargate requires that '{member}' be defined at the task level."))
            }
        }
    };
    let (cpu, memory) = (size("cpu", &definition.cpu)?, size("memory", &definition.memory)?);
    refuse_unless(is_offered(cpu, memory) && (cpu >= 1024 || !is_windows(definition)), || {
        format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
        )
    })
}

/// AWS: each CPU size has a range of memory sizes, in steps ("Task CPU and memory").
fn is_offered(cpu: u32, memory: u32) -> bool {
    const GIB: u32 = 1024;
    let (least, most, step) = match cpu {
        256 => return matches!(memory, 512 | 1024 | 2048),
        512 => (1, 4, 1),
        1024 => (2, 8, 1),
        2048 => (4, 16, 1),
        4096 => (8, 30, 1),
        8192 => (16, 60, 4),
        16_384 => (32, 120, 8),
        _ => return false,
    };
    (least * GIB..=most * GIB).contains(&memory)
        && (memory - least * GIB).is_multiple_of(step * GIB)
}

fn is_windows(definition: &api::TaskDefinition) -> bool {
    let family = definition
        .runtime_platform
        .as_ref()
        .and_then(|platform| platform.operating_system_family.as_ref());
    family.is_some_and(|family| *family != api::OSFamily::Linux)
}

fn check_task(definition: &api::TaskDefinition) -> Verdict {
    if definition.placement_constraints.as_ref().is_some_and(|constraints| !constraints.is_empty())
    {
        return unsupported("placementConstraints");
    }
    if definition.pid_mode == Some(api::PidMode::Host) {
        return unsupported("pidMode host");
    }
    if definition.ipc_mode.is_some() {
        return unsupported("ipcMode");
    }
    if definition.trusted_execution_configuration.is_some() {
        return unsupported("trustedExecutionConfiguration");
    }
    match definition.inference_accelerators.as_deref() {
        Some([_, ..]) => unsupported("inferenceAccelerators"),
        _ => Ok(()),
    }
}

fn check_volume(volume: &api::Volume) -> Verdict {
    if volume
        .host
        .as_ref()
        .and_then(|host| host.source_path.as_deref())
        .is_some_and(|path| !path.is_empty())
    {
        return refuse("host.sourcePath should not be set for volumes in Fargate.");
    }
    if volume.docker_volume_configuration.is_some() {
        return unsupported("dockerVolumeConfiguration");
    }
    match volume.fsx_windows_file_server_volume_configuration {
        Some(_) => unsupported("fsxWindowsFileServerVolumeConfiguration"),
        None => Ok(()),
    }
}

fn check_container(container: &api::ContainerDefinition) -> Verdict {
    let name = name_of(container);
    if container.privileged == Some(true) {
        return unsupported("privileged");
    }
    if container.docker_security_options.as_ref().is_some_and(|options| !options.is_empty()) {
        return unsupported("dockerSecurityOptions");
    }
    let mut resources = container.resource_requirements.iter().flatten();
    if let Some(requirement) = resources.next() {
        let kind = requirement.r#type.as_ref().map(api::ResourceType::as_str).unwrap_or_default();
        return unsupported(&format!("resourceRequirements of type {kind}"));
    }
    if let Some(timeout) = container.stop_timeout.filter(|timeout| *timeout > LONGEST_STOP) {
        return refuse(format!(
            "Invalid 'stopTimeout' setting for container '{name}'. {timeout} is more than the {LONGEST_STOP} seconds of Fargate."
        ));
    }
    if let Some(timeout) = container.start_timeout.filter(|timeout| *timeout > LONGEST_STOP) {
        return refuse(format!(
            "Invalid 'startTimeout' setting for container '{name}'. {timeout} is more than the {LONGEST_STOP} seconds of Fargate."
        ));
    }
    let firelens =
        container.firelens_configuration.as_ref().and_then(|firelens| firelens.options.as_ref());
    match firelens.and_then(|options| options.get("config-file-type")).map(String::as_str) {
        Some("s3") => unsupported("the FireLens config-file-type s3"),
        _ => Ok(()),
    }
}

fn check_linux(container: &api::ContainerDefinition) -> Verdict {
    let Some(linux) = &container.linux_parameters else { return Ok(()) };
    if linux.devices.as_ref().is_some_and(|devices| !devices.is_empty()) {
        return unsupported("devices");
    }
    for (member, is_set) in [
        ("sharedMemorySize", linux.shared_memory_size.is_some()),
        ("maxSwap", linux.max_swap.is_some()),
        ("swappiness", linux.swappiness.is_some()),
    ] {
        if is_set {
            return unsupported(member);
        }
    }
    let mut added =
        linux.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
    match added.find(|capability| *capability != "SYS_PTRACE") {
        Some(capability) => unsupported(&format!("adding the capability {capability}")),
        None => Ok(()),
    }
}

/// AWS: on Fargate nobody but the execution role may pull from ECR and write logs.
fn check_execution_role(
    definition: &api::TaskDefinition,
    container: &api::ContainerDefinition,
) -> Verdict {
    let has_role = definition.execution_role_arn.is_some();
    refuse_unless(
        has_role
            || super::ecr::Registry::of(container.image.as_deref().unwrap_or_default()).is_none(),
        || {
            "Fargate requires task definition to have execution role ARN to support ECR images."
                .to_owned()
        },
    )?;
    let Some(logs) = &container.log_configuration else { return Ok(()) };
    match &logs.log_driver {
        Some(api::LogDriver::Awslogs) => {
            refuse_unless(has_role, || {
                "Fargate requires task definition to have execution role ARN to support log driver awslogs.".to_owned()
            })?;
            let prefix = super::logging::option(logs, "awslogs-stream-prefix");
            refuse_unless(prefix.is_some(), || {
                format!(
                    "Log driver awslogs requires options: awslogs-stream-prefix. Container '{}' lacks it, and Fargate needs it.",
                    name_of(container)
                )
            })
        }
        Some(api::LogDriver::Splunk | api::LogDriver::Awsfirelens) | None => Ok(()),
        Some(driver) => unsupported(&format!("the log driver {driver}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_in_steps_that_depend_on_the_cpu() {
        let offered = |cpu| (1..=1024 * 128).filter(|memory| is_offered(cpu, *memory)).count();
        let counts = [256, 512, 1024, 2048, 4096, 8192, 16_384].map(offered);
        assert_eq!(counts, [3, 4, 7, 13, 23, 12, 12]);
        assert_eq!(offered(128) + offered(300) + offered(0) + offered(32_768), 0);
        assert!(is_offered(8192, 60 * 1024) && !is_offered(8192, 17 * 1024));
    }
}

//! What a task definition may say on AWS and this version's hosts cannot do: refused by name when a task
//! is to be started from it, never left out in silence.

use berth_aws_api::ecs as api;

use crate::runnable::Runnable;

pub fn check(content: &api::TaskDefinition, runnable: &Runnable) -> Result<(), api::Error> {
    let network_mode = &runnable.network_mode;
    if !matches!(
        network_mode,
        api::NetworkMode::Bridge | api::NetworkMode::Host | api::NetworkMode::None
    ) {
        return Err(api::Error::unsupported_feature(format!(
            "The task definition's networkMode {network_mode} is not supported by this version of Berth; \
             bridge, host and none are."
        )));
    }
    let of_task = [
        ("proxyConfiguration", content.proxy_configuration.is_some()),
        ("ephemeralStorage", content.ephemeral_storage.is_some()),
        (
            "inferenceAccelerators",
            content.inference_accelerators.as_ref().is_some_and(|list| !list.is_empty()),
        ),
        ("trustedExecutionConfiguration", content.trusted_execution_configuration.is_some()),
        ("enableFaultInjection", content.enable_fault_injection == Some(true)),
    ];
    first("", &of_task)?;
    for volume in &runnable.volumes {
        let place = format!("volumes[{}].", volume.name.as_deref().unwrap_or_default());
        let of_volume = [
            ("efsVolumeConfiguration", volume.efs_volume_configuration.is_some()),
            (
                "fsxWindowsFileServerVolumeConfiguration",
                volume.fsx_windows_file_server_volume_configuration.is_some(),
            ),
            ("s3filesVolumeConfiguration", volume.s3files_volume_configuration.is_some()),
            ("configuredAtLaunch", volume.configured_at_launch == Some(true)),
        ];
        first(&place, &of_volume)?;
    }
    runnable.containers.iter().try_for_each(container)
}

fn container(container: &api::ContainerDefinition) -> Result<(), api::Error> {
    let place = format!("containerDefinitions[{}].", container.name.as_deref().unwrap_or_default());
    let some = |list: Option<usize>| list.is_some_and(|length| length > 0);
    first(&place, &[("credentialSpecs", some(container.credential_specs.as_ref().map(Vec::len)))])?;
    container
        .resource_requirements
        .iter()
        .flatten()
        .try_for_each(|wanted| device(&place, wanted))?;
    let routed = container
        .log_configuration
        .as_ref()
        .filter(|log| log.log_driver == Some(api::LogDriver::Awsfirelens));
    if routed.is_some_and(|log| some(log.secret_options.as_ref().map(Vec::len))) {
        return Err(refused(&format!("{place}logConfiguration.secretOptions for awsfirelens")));
    }
    Ok(())
}

/// AWS: Neuron devices and shares of a GPU are for Managed Instances, Elastic Inference is no more.
fn device(place: &str, wanted: &api::ResourceRequirement) -> Result<(), api::Error> {
    let place = format!("{place}resourceRequirements");
    match &wanted.r#type {
        Some(api::ResourceType::Gpu) => {
            first(&format!("{place}."), &[("sharingStrategy", wanted.sharing_strategy.is_some())])
        }
        Some(other) => Err(refused(&format!("{place} of type {other}"))),
        None => Ok(()),
    }
}

fn first(place: &str, parameters: &[(&str, bool)]) -> Result<(), api::Error> {
    match parameters.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(refused(&format!("{place}{name}"))),
        None => Ok(()),
    }
}

fn refused(what: &str) -> api::Error {
    api::Error::unsupported_feature(format!(
        "The task definition's {what} is not supported by this version of Berth."
    ))
}

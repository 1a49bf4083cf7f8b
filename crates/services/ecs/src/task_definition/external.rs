//! What ECS Anywhere, hosts outside of AWS, rules out.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, network_mode, refuse, volumes, volumes_of};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    if *network_mode(definition) == api::NetworkMode::Awsvpc {
        return unsupported("the network mode awsvpc");
    }
    if definition.proxy_configuration.is_some() {
        return unsupported("proxyConfiguration");
    }
    if definition
        .inference_accelerators
        .as_ref()
        .is_some_and(|accelerators| !accelerators.is_empty())
    {
        return unsupported("inferenceAccelerators");
    }
    if definition.trusted_execution_configuration.is_some() {
        return unsupported("trustedExecutionConfiguration");
    }
    for volume in volumes_of(definition) {
        if volume.efs_volume_configuration.is_some() {
            return unsupported("efsVolumeConfiguration");
        }
        if volume.s3files_volume_configuration.is_some() {
            return unsupported("s3filesVolumeConfiguration");
        }
        if volumes::is_at_launch(volume) {
            return unsupported("volumes that are configured at launch");
        }
    }
    let mut requirements = containers_of(definition)
        .iter()
        .flat_map(|container| container.resource_requirements.iter().flatten());
    match requirements.find(|requirement| requirement.sharing_strategy.is_some()) {
        Some(_) => unsupported("sharing of GPUs"),
        None => Ok(()),
    }
}

fn unsupported(what: &str) -> Verdict {
    refuse(format!("External compatible task definitions do not support {what}"))
}

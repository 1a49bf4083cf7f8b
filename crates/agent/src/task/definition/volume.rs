//! A task's volumes.

use std::collections::BTreeMap;

use berth_agent_protocol::acs;
use berth_runtime::{MountSource, VolumeSpec};

use super::{Refusal, Volumes, object_name};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VolumeDefinition {
    /// A path of the host.
    Host(String),
    /// Made for the task, and removed with it.
    OfTask(VolumeSpec),
    /// Made if it is not there, and never removed.
    Shared(VolumeSpec),
    /// Somebody else makes it.
    ///
    /// DEVIATES: ECS fails the task if such a volume is not there; here the engine makes it with its
    /// default driver when it is mounted.
    Existing(String),
}

impl VolumeDefinition {
    pub(super) fn mount_source(&self) -> MountSource {
        match self {
            Self::Host(path) => MountSource::Host(path.clone()),
            Self::OfTask(spec) | Self::Shared(spec) => MountSource::Volume(spec.name.clone()),
            Self::Existing(name) => MountSource::Volume(name.clone()),
        }
    }

    pub(super) fn to_make(&self) -> Option<&VolumeSpec> {
        match self {
            Self::OfTask(spec) | Self::Shared(spec) => Some(spec),
            Self::Host(_) | Self::Existing(_) => None,
        }
    }
}

pub(super) fn compile_all(task: &acs::Task) -> Result<Volumes, Refusal> {
    let mut volumes = BTreeMap::new();
    for volume in &task.volumes {
        if volumes.insert(volume.name.clone(), compile(task, volume)?).is_some() {
            return Err(Refusal::unreadable(format_args!(
                "two volumes are named `{}`",
                volume.name
            )));
        }
    }
    Ok(volumes)
}

fn compile(task: &acs::Task, volume: &acs::Volume) -> Result<VolumeDefinition, Refusal> {
    match &volume.kind {
        None | Some(acs::VolumeType::Host) => {
            let path = volume.host.as_ref().and_then(|host| host.source_path.as_deref());
            match path.filter(|path| !path.is_empty()) {
                Some(path) => Ok(VolumeDefinition::Host(path.to_owned())),
                None => {
                    Ok(VolumeDefinition::OfTask(VolumeSpec::new(object_name(task, &volume.name))))
                }
            }
        }
        Some(acs::VolumeType::Docker) => docker(task, volume),
        Some(other) => Err(Refusal::unsupported(format_args!(
            "volumes of type `{other}` (volume `{}`)",
            volume.name
        ))),
    }
}

fn docker(task: &acs::Task, volume: &acs::Volume) -> Result<VolumeDefinition, Refusal> {
    let configuration = volume.docker_volume_configuration.clone().unwrap_or_default();
    let spec = |name: String| VolumeSpec {
        driver: configuration.driver.clone().filter(|driver| !driver.is_empty()),
        driver_options: configuration.driver_opts.clone(),
        labels: configuration.labels.clone(),
        ..VolumeSpec::new(name)
    };
    match &configuration.scope {
        None | Some(acs::VolumeScope::Task) => {
            Ok(VolumeDefinition::OfTask(spec(object_name(task, &volume.name))))
        }
        // AWS: a shared volume has its own name on the host, that others may use.
        Some(acs::VolumeScope::Shared) if configuration.autoprovision == Some(true) => {
            Ok(VolumeDefinition::Shared(spec(volume.name.clone())))
        }
        Some(acs::VolumeScope::Shared) => Ok(VolumeDefinition::Existing(volume.name.clone())),
        Some(acs::VolumeScope::Unknown(other)) => Err(Refusal::unreadable(format_args!(
            "volume `{}` has the scope `{other}`",
            volume.name
        ))),
    }
}

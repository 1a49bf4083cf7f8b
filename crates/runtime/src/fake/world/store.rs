//! The fake's volumes.

use std::collections::BTreeMap;

use super::World;
use crate::{ContainerSpec, ErrorKind, MountSource, RuntimeError, Verb, VolumeSpec};

#[derive(Debug, Default)]
pub(super) struct Volumes {
    by_name: BTreeMap<String, VolumeSpec>,
}

impl Volumes {
    pub fn ensure(&mut self, name: &str) {
        self.by_name.entry(name.to_owned()).or_insert_with(|| VolumeSpec::new(name));
    }
}

impl World {
    pub fn create_volume(&mut self, spec: VolumeSpec) -> Result<(), RuntimeError> {
        if let Some(driver) = spec.driver.as_deref().filter(|driver| *driver != "local") {
            let message =
                format!("error looking up volume plugin {driver}: plugin \"{driver}\" not found");
            return Err(RuntimeError::new(Verb::CreateVolume, ErrorKind::NotFound, message));
        }
        self.volumes.by_name.entry(spec.name.clone()).or_insert(spec);
        Ok(())
    }

    pub fn remove_volume(&mut self, name: &str) -> Result<(), RuntimeError> {
        let uses = |spec: &ContainerSpec| {
            spec.mounts
                .iter()
                .any(|mount| matches!(&mount.source, MountSource::Volume(volume) if volume == name))
        };
        if let Some(user) = self.containers.values().find(|container| uses(&container.spec)) {
            let message = format!("remove {name}: volume is in use - [{}]", user.id);
            return Err(RuntimeError::new(Verb::RemoveVolume, ErrorKind::Conflict, message));
        }
        self.volumes.by_name.remove(name);
        Ok(())
    }

    pub fn volumes(&self) -> Vec<VolumeSpec> {
        self.volumes.by_name.values().cloned().collect()
    }
}

//! The fake's images, in its registry and on its host, and its volumes.

use std::collections::BTreeMap;

use super::World;
use crate::fake::script::{FakeImage, Script};
use crate::image::with_default_tag;
use crate::{
    ContainerSpec, ErrorKind, Image, MountSource, RegistryAuth, RuntimeError, Verb, VolumeSpec,
};

#[derive(Debug, Default)]
pub(super) struct Images {
    published: BTreeMap<String, FakeImage>,
    /// What the registry gives for every other name.
    otherwise: Option<FakeImage>,
    here: BTreeMap<String, (FakeImage, Image)>,
}

#[derive(Debug, Default)]
pub(super) struct Volumes {
    by_name: BTreeMap<String, VolumeSpec>,
}

impl Images {
    fn in_registry(&self, name: &str) -> Option<&FakeImage> {
        self.published.get(with_default_tag(name).as_ref()).or(self.otherwise.as_ref())
    }

    fn find(&self, name: &str) -> Option<&(FakeImage, Image)> {
        self.here
            .get(with_default_tag(name).as_ref())
            .or_else(|| self.here.values().find(|(_, image)| image.id == name))
    }

    /// The image of this spec, and what it will do or the program that it lacks.
    pub fn program(&self, spec: &ContainerSpec) -> Option<(Image, Result<Script, String>)> {
        let (program, image) = self.find(&spec.image)?;
        let script = program.script(spec);
        Some((image.clone(), script))
    }
}

impl Volumes {
    pub fn ensure(&mut self, name: &str) {
        self.by_name.entry(name.to_owned()).or_insert_with(|| VolumeSpec::new(name));
    }
}

impl World {
    pub fn publish(&mut self, name: &str, image: FakeImage) {
        self.images.published.insert(with_default_tag(name).into_owned(), image);
    }

    pub fn publish_any(&mut self, image: FakeImage) {
        self.images.otherwise = Some(image);
    }

    pub fn unpublish(&mut self, name: &str) {
        self.images.published.remove(with_default_tag(name).as_ref());
    }

    pub fn load(&mut self, name: &str, image: FakeImage) {
        let described = describe(name, &image, None);
        self.images.here.insert(with_default_tag(name).into_owned(), (image, described));
    }

    pub fn pull_time(&self, name: &str) -> std::time::Duration {
        let image = self.images.in_registry(name);
        image.map_or(std::time::Duration::ZERO, |image| image.pull_time)
    }

    pub fn pull(&mut self, name: &str, auth: Option<&RegistryAuth>) -> Result<Image, RuntimeError> {
        let name = with_default_tag(name).into_owned();
        let Some(image) = self.images.in_registry(&name).cloned() else {
            let message =
                format!("manifest for {name} not found: manifest unknown: manifest unknown");
            return Err(RuntimeError::new(Verb::Pull, ErrorKind::NotFound, message));
        };
        if let Some((username, password)) = &image.login
            && !auth.is_some_and(|auth| auth.username == *username && auth.password == *password)
        {
            let message = format!(
                "pull access denied for {name}, repository does not exist or may require login"
            );
            return Err(RuntimeError::new(Verb::Pull, ErrorKind::Denied, message));
        }
        let digest = format!("sha256:{}", fingerprint(&format!("manifest of {name}")));
        let described = describe(&name, &image, Some(digest));
        self.images.here.insert(name, (image, described.clone()));
        Ok(described)
    }

    pub fn image(&self, name: &str) -> Option<Image> {
        self.images.find(name).map(|(_, image)| image.clone())
    }

    pub fn image_names(&self) -> Vec<String> {
        self.images.here.keys().cloned().collect()
    }

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

fn describe(name: &str, image: &FakeImage, digest: Option<String>) -> Image {
    let id =
        format!("sha256:{}", fingerprint(&format!("configuration of {}", with_default_tag(name))));
    Image { id, digest, size: image.size }
}

/// Sixty-four digits that differ for different names (FNV-1a, four times); no cryptography is meant.
fn fingerprint(text: &str) -> String {
    (0_u64..4)
        .map(|salt| {
            let start = 0xcbf2_9ce4_8422_2325 ^ salt;
            let hash = text
                .bytes()
                .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            format!("{hash:016x}")
        })
        .collect()
}

//! The fake's images: in its registry, and on its host.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::World;
use crate::fake::script::{FakeImage, Script};
use crate::{
    ContainerSpec, Disk, ErrorKind, HeldImage, Image, ImageName, MemoryBytes, RegistryAuth,
    RuntimeError, Verb,
};

/// What a container writes for itself.
const OF_CONTAINER: u64 = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Images {
    published: BTreeMap<String, Published>,
    /// What the registry gives for every other name.
    otherwise: Option<FakeImage>,
    /// By id.
    here: BTreeMap<String, Here>,
    /// From a name to an id.
    tags: BTreeMap<String, String>,
    /// How often anything was published: what is published anew under an old name is another image.
    editions: u64,
}

#[derive(Clone, Debug)]
struct Published {
    image: FakeImage,
    edition: u64,
}

#[derive(Debug)]
struct Here {
    program: FakeImage,
    image: Image,
    /// `repository@digest`.
    origins: BTreeSet<String>,
}

impl Images {
    /// A name with a digest finds what has that digest, also where the tag has moved on.
    fn in_registry(&self, name: &str) -> Option<(FakeImage, Image)> {
        let wanted = ImageName::parse(name);
        let listed = wanted.to_string();
        if let Some((_, digest)) = listed.split_once('@') {
            let of_repository = self.published.iter().filter(|(published, _)| {
                ImageName::parse(published).is_of_same_repository(&wanted)
            });
            return of_repository
                .flat_map(|(name, published)| published.until_now().map(|it| it.describe(name)))
                .find(|(_, image)| image.digest.as_deref() == Some(digest));
        }
        let otherwise = || self.otherwise.clone().map(|image| Published { image, edition: 0 });
        let published = self.published.get(&listed).cloned().or_else(otherwise)?;
        Some(published.describe(&listed))
    }

    fn find(&self, name: &str) -> Option<&Here> {
        let listed = ImageName::parse(name).to_string();
        let by_id = || self.here.get(name);
        let by_origin = || self.here.values().find(|here| here.origins.contains(&listed));
        self.tags.get(&listed).and_then(|id| self.here.get(id)).or_else(by_origin).or_else(by_id)
    }

    /// The image of this spec, and what it will do or the program that it lacks.
    pub fn program(&self, spec: &ContainerSpec) -> Option<(Image, Result<Script, String>)> {
        let here = self.find(&spec.image)?;
        Some((here.image.clone(), here.program.script(spec)))
    }

    fn tags_of(&self, id: &str) -> Vec<String> {
        self.tags.iter().filter(|(_, of)| *of == id).map(|(tag, _)| tag.clone()).collect()
    }

    fn bytes(&self) -> u64 {
        self.here.values().map(|here| here.image.size.as_bytes()).sum()
    }
}

impl Published {
    /// This edition and those before it, under the same name.
    fn until_now(&self) -> impl Iterator<Item = Self> {
        let editions = (0..=self.edition).rev();
        editions.map(|edition| Self { image: self.image.clone(), edition })
    }

    fn describe(&self, name: &str) -> (FakeImage, Image) {
        let digest =
            format!("sha256:{}", fingerprint(&format!("manifest {} of {name}", self.edition)));
        (self.image.clone(), describe(name, self.edition, &self.image, Some(digest)))
    }
}

impl World {
    pub fn publish(&mut self, name: &str, image: FakeImage) {
        let edition = self.images.editions + 1;
        self.publish_edition(name, image, edition);
    }

    pub fn publish_edition(&mut self, name: &str, image: FakeImage, edition: u64) {
        self.images.editions = self.images.editions.max(edition);
        let published = Published { image, edition };
        self.images.published.insert(ImageName::parse(name).to_string(), published);
    }

    pub fn publish_any(&mut self, image: FakeImage) {
        self.images.otherwise = Some(image);
    }

    pub fn unpublish(&mut self, name: &str) {
        self.images.published.remove(&ImageName::parse(name).to_string());
    }

    pub fn load(&mut self, name: &str, image: FakeImage) {
        let described = describe(name, 0, &image, None);
        self.keep(name, image, described);
    }

    pub fn tag(&mut self, name: &str, other_name: &str) {
        if let Some(id) = self.images.find(name).map(|here| here.image.id.clone()) {
            self.images.tags.insert(ImageName::parse(other_name).to_string(), id);
        }
    }

    pub fn pull_time(&self, name: &str) -> Duration {
        self.images.in_registry(name).map_or(Duration::ZERO, |(image, _)| image.pull_time)
    }

    pub fn pull(&mut self, name: &str, auth: Option<&RegistryAuth>) -> Result<Image, RuntimeError> {
        let Some((program, image)) = self.images.in_registry(name) else {
            let name = ImageName::parse(name);
            let message =
                format!("manifest for {name} not found: manifest unknown: manifest unknown");
            return Err(RuntimeError::new(Verb::Pull, ErrorKind::NotFound, message));
        };
        if let Some((username, password)) = &program.login
            && !auth.is_some_and(|auth| auth.username == *username && auth.password == *password)
        {
            let message = format!(
                "pull access denied for {name}, repository does not exist or may require login"
            );
            return Err(RuntimeError::new(Verb::Pull, ErrorKind::Denied, message));
        }
        self.keep(name, program, image.clone());
        Ok(image)
    }

    /// Has it here, under this name.
    fn keep(&mut self, name: &str, program: FakeImage, image: Image) {
        let (name, id) = (ImageName::parse(name), image.id.clone());
        let listed = name.to_string();
        let here = self.images.here.entry(id.clone()).or_insert_with(|| Here {
            program,
            image: image.clone(),
            origins: BTreeSet::new(),
        });
        here.image.digest = here.image.digest.take().or(image.digest);
        if let Some(digest) = &here.image.digest {
            let (repository, _) = listed.rsplit_once([':', '@']).unwrap_or((&listed, ""));
            let repository = repository.strip_suffix("@sha256").unwrap_or(repository);
            here.origins.insert(format!("{repository}@{digest}"));
        }
        if !name.is_pinned() {
            self.images.tags.insert(listed, id);
        }
    }

    pub fn image(&self, name: &str) -> Option<Image> {
        self.images.find(name).map(|here| here.image.clone())
    }

    pub fn held_images(&self) -> Vec<HeldImage> {
        let held = self.images.here.values().map(|here| HeldImage {
            id: here.image.id.clone(),
            tags: self.images.tags_of(&here.image.id),
            digests: here.origins.iter().cloned().collect(),
            size: here.image.size,
            is_used: self.uses_image(&here.image.id).is_some(),
        });
        held.collect()
    }

    pub fn remove_image(&mut self, name: &str) -> Result<(), RuntimeError> {
        let refuse =
            |message| Err(RuntimeError::new(Verb::RemoveImage, ErrorKind::Conflict, message));
        let Some(id) = self.images.find(name).map(|here| here.image.id.clone()) else {
            return Ok(());
        };
        let tags = self.images.tags_of(&id);
        if tags.len() > 1 {
            if name == id {
                return refuse(format!(
                    "unable to delete {id}: image is referenced by several tags"
                ));
            }
            self.images.tags.remove(&ImageName::parse(name).to_string());
            return Ok(());
        }
        if let Some(user) = self.uses_image(&id) {
            return refuse(format!("unable to remove {name}: container {user} is using it"));
        }
        self.images.tags.retain(|_, of| *of != id);
        self.images.here.remove(&id);
        Ok(())
    }

    /// A container that was made from it.
    fn uses_image(&self, id: &str) -> Option<String> {
        let states = self.containers.values().map(super::Container::state);
        states.into_iter().find(|state| state.image_id == id).map(|state| state.name)
    }

    pub fn image_names(&self) -> Vec<String> {
        let untagged =
            self.images.here.keys().filter(|id| self.images.tags_of(id).is_empty()).cloned();
        self.images.tags.keys().cloned().chain(untagged).collect()
    }

    pub fn disk(&self, total: MemoryBytes) -> Disk {
        let containers = self.containers.len() as u64 * OF_CONTAINER;
        let used = self.images.bytes() + containers + self.foreign_bytes.as_bytes();
        Disk { total, free: MemoryBytes::from_bytes(total.as_bytes().saturating_sub(used)) }
    }
}

fn describe(name: &str, edition: u64, image: &FakeImage, digest: Option<String>) -> Image {
    let name = ImageName::parse(name);
    let id = format!("sha256:{}", fingerprint(&format!("configuration {edition} of {name}")));
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

//! The images that are here, who uses them, and the disk that they fill.

use std::collections::BTreeSet;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
};

use super::{DockerRuntime, absent_is_none};
use crate::{Disk, Disks, HeldImage, MemoryBytes, RuntimeError, Verb};

/// What Docker shows for a name that an image has lost.
const NONE: &str = "<none>";

impl DockerRuntime {
    pub(super) async fn held_images(&self) -> Result<Vec<HeldImage>, RuntimeError> {
        let limit = self.timeouts().question;
        let images = ListImagesOptionsBuilder::new().all(false).digests(true).build();
        let images =
            self.ask(Verb::ListImages, limit, |docker| async move {
                docker.list_images(Some(images)).await
            })
            .await?;
        // Asked for after the images: a container that is made in between counts.
        let containers = ListContainersOptionsBuilder::new().all(true).build();
        let containers = self
            .ask(Verb::ListImages, limit, |docker| async move {
                docker.list_containers(Some(containers)).await
            })
            .await?;
        let used: BTreeSet<String> =
            containers.into_iter().filter_map(|container| container.image_id).collect();
        let named = |names: Vec<String>| -> Vec<String> {
            names.into_iter().filter(|name| !name.contains(NONE)).collect()
        };
        let mut held: Vec<HeldImage> = images
            .into_iter()
            .map(|image| HeldImage {
                is_used: used.contains(&image.id),
                id: image.id,
                tags: named(image.repo_tags),
                digests: named(image.repo_digests),
                size: MemoryBytes::from_bytes(image.size.try_into().unwrap_or(0)),
            })
            .collect();
        held.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(held)
    }

    pub(super) async fn drop_image(&self, name: &str) -> Result<(), RuntimeError> {
        let options = RemoveImageOptionsBuilder::new().force(false).build();
        let removed = self
            .ask(Verb::RemoveImage, self.timeouts().remove, |docker| async move {
                docker.remove_image(name, Some(options), None).await
            })
            .await;
        absent_is_none(removed).map(drop)
    }

    /// The engine's data only if that is where we can see it: an engine in another mount namespace, or in a virtual
    /// machine, has its data elsewhere.
    pub(super) async fn look_at_disks(&self) -> Result<Disks, RuntimeError> {
        let data_root =
            self.shared.data_root.get_or_try_init(|| self.ask_for_data_root()).await?.clone();
        let looked = tokio::task::spawn_blocking(move || Disks {
            root: file_system("/"),
            data: data_root.as_deref().and_then(file_system),
        });
        // It panics no more than it is cancelled, but a look that failed would show as nothing seen.
        Ok(looked.await.unwrap_or_default())
    }

    async fn ask_for_data_root(&self) -> Result<Option<String>, RuntimeError> {
        let info = self
            .ask(Verb::Info, self.timeouts().question, |docker| async move { docker.info().await })
            .await?;
        Ok(info.docker_root_dir)
    }
}

fn file_system(path: &str) -> Option<Disk> {
    let found = rustix::fs::statvfs(path).ok()?;
    let bytes = |blocks: u64| MemoryBytes::from_bytes(blocks.saturating_mul(found.f_frsize));
    Some(Disk { total: bytes(found.f_blocks), free: bytes(found.f_bavail) })
}

//! Clearing away what a host no longer needs: by age, and sooner when its disk is filling up.
//!
//! Containers of stopped tasks go by themselves after a while (`task/actor.rs`); this is about the images
//! that this agent has pulled (`docs/adr/0013-images.md`), and about who has to go first when there is no
//! room. `plan.rs` decides which images, and never one that anybody else could want.

mod plan;
mod rules;

use std::sync::Arc;
use std::time::Duration;

use berth_runtime::{Disk, ErrorKind};
use tokio::time::Instant;

use self::plan::Removal;
use crate::host::Host;
use crate::images::Images;
use crate::memory::Recollection;
use crate::task::Register;

pub use rules::CleanupRules;

/// How often the disk is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// By when the containers of stopped tasks are gone that were told to go.
const CONTAINERS_GO_WITHIN: Duration = Duration::from_secs(30);

/// Under pressure this is how long a task must have been stopped, or an image of no use: somebody may just be
/// looking at the one, or about to start the other.
const AGE_UNDER_PRESSURE: Duration = Duration::from_secs(5 * 60);

pub(crate) struct Cleaner {
    pub(crate) host: Arc<Host>,
    pub(crate) register: Arc<Register>,
    pub(crate) recollection: Arc<Recollection>,
    pub(crate) images: Arc<Images>,
}

impl Cleaner {
    pub(crate) async fn run(self) {
        let rules = self.rules();
        let mut cycle_at = Instant::now() + rules.every;
        // Said once, not at every look.
        let mut is_helpless = false;
        loop {
            let look_at = Instant::now() + LOOK_EVERY;
            tokio::time::sleep_until(look_at.min(cycle_at)).await;
            if let Some(disk) = self.pressed().await {
                let was_helpless = is_helpless;
                is_helpless = self.relieve(disk, was_helpless).await;
            } else {
                is_helpless = false;
            }
            if cycle_at <= Instant::now() {
                self.clear(rules.minimum_age, rules.images_per_cycle).await;
                cycle_at = Instant::now() + rules.every;
            }
        }
    }

    /// Makes room; true if there is nothing left to do it with.
    async fn relieve(&self, before: Disk, was_helpless: bool) -> bool {
        let percent = before.used_percent().round();
        let long_ago = self.host.now() - AGE_UNDER_PRESSURE;
        let stopped = self.register.clear_ended(long_ago);
        if stopped > 0 {
            tracing::warn!(
                percent,
                tasks = stopped,
                "the disk is filling up: clearing away stopped tasks"
            );
            tokio::time::sleep(CONTAINERS_GO_WITHIN).await;
        }
        let mut images = 0;
        while self.pressed().await.is_some() {
            let removed = self.clear(AGE_UNDER_PRESSURE, 1).await;
            if removed == 0 {
                if !was_helpless {
                    tracing::warn!(
                        percent,
                        "the disk is filling up, and nothing of this agent's is left to clear away"
                    );
                }
                return true;
            }
            images += removed;
        }
        let after =
            self.host.runtime.disks().await.ok().and_then(|disks| disks.data).unwrap_or(before);
        let freed = after.free.as_bytes().saturating_sub(before.free.as_bytes());
        tracing::warn!(
            percent,
            images,
            tasks = stopped,
            freed,
            "the disk was filling up; there is room again"
        );
        false
    }

    /// The disk, if it is too full. One that cannot be seen is not.
    async fn pressed(&self) -> Option<Disk> {
        let limit = self.rules().disk_percent?;
        match self.host.runtime.disks().await {
            Ok(disks) => disks.data.filter(|disk| disk.used_percent() > f64::from(limit)),
            Err(error) => {
                tracing::debug!(%error, "the engine does not tell of its disk");
                None
            }
        }
    }

    /// Removes images that nobody has used for that long, at most so many; gives how many it were.
    async fn clear(&self, minimum_age: Duration, limit: usize) -> usize {
        let held = match self.host.runtime.images().await {
            Ok(held) => held,
            Err(error) => {
                tracing::debug!(%error, "the engine does not tell of its images");
                return 0;
            }
        };
        self.forget_absent(&held);
        if !self.rules().images {
            return 0;
        }
        let now = self.host.now().as_millis();
        let removals = self.recollection.read(|state| {
            plan::plan(&held, &state.images, &self.rules().exclude, now, minimum_age)
        });
        let mut removed = 0;
        for removal in removals {
            if removed == limit {
                break;
            }
            removed += usize::from(self.remove(&removal).await);
        }
        removed
    }

    async fn remove(&self, removal: &Removal) -> bool {
        // An image whose names have all gone to newer ones has none but its id.
        let by_id = std::slice::from_ref(&removal.id);
        let names = if removal.names.is_empty() { by_id } else { &removal.names };
        for name in names {
            self.images.forget_id(&removal.id);
            match self.host.runtime.remove_image(name).await {
                Ok(()) => {}
                // Somebody has begun to use it since we looked.
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    tracing::info!(image = name, %error, "an image is kept after all");
                    return false;
                }
                Err(error) => {
                    tracing::warn!(image = name, %error, "an image cannot be removed");
                    return false;
                }
            }
        }
        tracing::info!(
            image = removal.id,
            ?names,
            bytes = removal.size.as_bytes(),
            "an unused image is removed"
        );
        self.recollection.update(|state| {
            state.images.remove(&removal.id);
        });
        true
    }

    /// Images that somebody else has removed.
    fn forget_absent(&self, held: &[berth_runtime::HeldImage]) {
        let is_held = |id: &String| held.iter().any(|image| image.id == *id);
        if self.recollection.read(|state| !state.images.keys().all(is_held)) {
            self.recollection.update(|state| state.images.retain(|id, _| is_held(id)));
        }
    }

    fn rules(&self) -> &CleanupRules {
        &self.host.options.cleanup
    }
}

#[cfg(test)]
mod tests;

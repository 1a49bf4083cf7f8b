//! What this agent has pulled, and when each image was last of use. It is remembered across restarts:
//! nothing on an engine tells whose an image is.

use std::collections::BTreeSet;

use berth_runtime::{Image, ImageName};
use serde::{Deserialize, Serialize};

use super::Images;

/// Uses closer together than this are one: the state file is not written for each.
const USE_GRAIN_MILLIS: i64 = 60_000;

/// An image by its id, as remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PulledImage {
    /// What tasks call it, as engines list it.
    pub(crate) names: BTreeSet<String>,
    /// Milliseconds since the epoch, as is `used_at`.
    pub(crate) pulled_at: i64,
    pub(crate) used_at: i64,
    /// It was not here before we pulled it.
    pub(crate) is_ours: bool,
}

impl Images {
    /// Whether a pull of this name has ever succeeded here, and not been cleaned up since.
    pub(super) fn has_pulled(&self, name: &str) -> bool {
        let listed = ImageName::parse(name).to_string();
        self.recollection
            .read(|state| state.images.values().any(|pulled| pulled.names.contains(&listed)))
    }

    /// `before` is what had the name when the pull began.
    pub(super) fn note_pulled(&self, name: &str, before: Option<&Image>, image: &Image) {
        let listed = ImageName::parse(name).to_string();
        let now = self.host.now().as_millis();
        self.recollection.update(|state| {
            for (_, other) in state.images.iter_mut().filter(|(id, _)| **id != image.id) {
                other.names.remove(&listed);
            }
            let pulled = state.images.entry(image.id.clone()).or_insert_with(|| PulledImage {
                names: BTreeSet::new(),
                pulled_at: now,
                used_at: now,
                // Somebody else may have got it under another name; the clean-up looks for those.
                is_ours: before.is_none_or(|before| before.id != image.id),
            });
            pulled.names.insert(listed);
            pulled.used_at = now;
        });
    }

    pub(super) fn note_use(&self, id: &str) {
        let now = self.host.now().as_millis();
        let is_news = |pulled: &PulledImage| pulled.used_at + USE_GRAIN_MILLIS <= now;
        if self.recollection.read(|state| state.images.get(id).is_some_and(is_news)) {
            self.recollection.update(|state| {
                if let Some(pulled) = state.images.get_mut(id) {
                    pulled.used_at = now;
                }
            });
        }
    }
}

//! What is cleared away, and when.

use std::collections::BTreeSet;
use std::time::Duration;

/// AWS: the defaults are those of ECS's agent, which has no eye for the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanupRules {
    /// Whether images are removed at all. ECS: the opposite of `ECS_DISABLE_IMAGE_CLEANUP`.
    ///
    /// DEVIATES: ECS's agent removes no image while images in its cache are preferred. Here that is the
    /// default, and disks would fill.
    pub images: bool,
    /// `ECS_IMAGE_CLEANUP_INTERVAL`.
    pub every: Duration,
    /// How long an image must have been of no use. ECS: `ECS_IMAGE_MINIMUM_CLEANUP_AGE`, which counts from the pull.
    pub minimum_age: Duration,
    /// `ECS_NUM_IMAGES_DELETE_PER_CYCLE`.
    pub images_per_cycle: usize,
    /// Images that stay, as engines list them: `repository:tag`.
    pub exclude: BTreeSet<String>,
    /// From how full a disk on everything goes sooner; `None`: never.
    pub disk_percent: Option<u8>,
}

impl Default for CleanupRules {
    fn default() -> Self {
        Self {
            images: true,
            every: Duration::from_secs(30 * 60),
            minimum_age: Duration::from_secs(60 * 60),
            images_per_cycle: 5,
            exclude: BTreeSet::new(),
            disk_percent: Some(85),
        }
    }
}

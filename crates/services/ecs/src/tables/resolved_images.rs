//! What the image tags of a service revision were found to mean.

use berth_control::tables::{Record, TableId};
use berth_model::{ServiceId, TaskSetId, Timestamp};
use minicbor::{Decode, Encode};

/// Beside its revision, which is never changed: digests are known only after the first tasks have pulled.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ResolvedImages {
    #[n(0)]
    pub service: ServiceId,
    /// The number of the deployment or task set that brought the revision.
    #[n(1)]
    pub number: TaskSetId,
    /// At most one for each container. What is here is never changed, only joined by others.
    #[n(2)]
    pub images: Vec<ResolvedImage>,
}

/// One container's image, by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResolvedImage {
    #[n(0)]
    pub container: String,
    /// `sha256:…`
    #[n(1)]
    pub digest: String,
    #[n(2)]
    pub established_at: Timestamp,
}

impl ResolvedImages {
    pub fn of(&self, container: &str) -> Option<&ResolvedImage> {
        self.images.iter().find(|image| image.container == container)
    }
}

impl Record for ResolvedImages {
    const TABLE: TableId = TableId::new(111, "ecs-resolved-images");
    type Key = (ServiceId, TaskSetId);
    type Indexes = ();

    fn key(&self) -> Self::Key {
        (self.service, self.number)
    }

    berth_control::record_codec!();
}

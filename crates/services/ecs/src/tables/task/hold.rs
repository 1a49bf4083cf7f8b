//! Who holds a task in a stage of its life, as `lifecycle` has them.
//!
//! Load balancing, networks and service discovery put holds on a task when it is made, and take them off one
//! by one. Nothing here knows what they do meanwhile.

use berth_lifecycle::Stage;
use minicbor::{Decode, Encode};

/// Work that somebody else has to do before a task goes on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hold {
    #[n(0)]
    pub stage: HeldStage,
    /// The name of whoever holds it, such as `awsvpc`; each holds a stage once.
    #[n(1)]
    pub by: String,
}

/// `lifecycle`'s stages, as they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum HeldStage {
    #[n(0)]
    Provisioning,
    #[n(1)]
    Activating,
    #[n(2)]
    Deactivating,
    #[n(3)]
    Deprovisioning,
}

impl From<HeldStage> for Stage {
    fn from(held: HeldStage) -> Self {
        match held {
            HeldStage::Provisioning => Stage::Provisioning,
            HeldStage::Activating => Stage::Activating,
            HeldStage::Deactivating => Stage::Deactivating,
            HeldStage::Deprovisioning => Stage::Deprovisioning,
        }
    }
}

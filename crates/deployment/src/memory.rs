//! What a service remembers from one plan to the next.

use berth_model::Timestamp;
use minicbor::{Decode, Encode};

/// Kept by the caller and shown again; what is in it is this crate's business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Memory {
    /// The desired count that the last plan was made for.
    #[n(0)]
    pub(crate) desired_count: Option<u32>,
    /// When the steady state was last told; `None` while the service is not steady.
    #[n(1)]
    pub(crate) steady_told_at: Option<Timestamp>,
    #[n(2)]
    pub(crate) throttle: Throttle,
}

/// Tasks that repeatedly stopped before they ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub struct Throttle {
    /// In a row.
    #[n(0)]
    pub failures: u32,
    /// No task is started before.
    #[n(1)]
    pub retry_at: Option<Timestamp>,
}

impl Memory {
    pub fn throttle(&self) -> Throttle {
        self.throttle
    }
}

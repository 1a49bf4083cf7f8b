//! What is given to a task and its containers beside what their definition says, as the agent tells of it.

use berth_model::{AttachmentId, Timestamp};
use minicbor::{Decode, Encode};

/// Something of the host or the network that belongs to the task.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Attachment {
    #[n(0)]
    pub id: AttachmentId,
    /// `ElasticNetworkInterface`, …
    #[n(1)]
    pub kind: String,
    /// As its agent last told: `ATTACHED`, `DETACHED`, …
    #[n(2)]
    pub status: String,
    /// Name and value, as they are shown.
    #[n(3)]
    pub details: Vec<(String, String)>,
}

/// A program that ECS runs beside a container's own, as its agent last told of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ManagedAgent {
    /// `ExecuteCommandAgent`
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub status: String,
    #[n(2)]
    pub reason: Option<String>,
    #[n(3)]
    pub last_started_at: Option<Timestamp>,
}

//! The agent communication service: assignments down, acknowledgements up.
//!
//! Start with [`PayloadMessage`] and [`Task`]; the rest are a session's courtesies.

mod attachment;
mod container;
mod credentials;
mod manifest;
mod payload;
mod session;
mod task;
mod update;
mod volume;

pub use attachment::*;
pub use container::*;
pub use credentials::*;
pub use manifest::*;
pub use payload::*;
pub use session::*;
pub use task::*;
pub use update::*;
pub use volume::*;

use crate::frame::frames;

frames! {
    /// What the control plane sends.
    pub enum FromServer {
        Payload(PayloadMessage),
        Heartbeat(HeartbeatMessage),
        Credentials(IAMRoleCredentialsMessage),
        Manifest(TaskManifestMessage),
        StopVerificationAck(TaskStopVerificationAck),
        AttachTaskInterfaces(AttachTaskNetworkInterfacesMessage),
        AttachInstanceInterfaces(AttachInstanceNetworkInterfacesMessage),
        ConfirmAttachment(ConfirmAttachmentMessage),
        StageUpdate(StageUpdateMessage),
        PerformUpdate(PerformUpdateMessage),
        Close(CloseMessage),
        Error(ErrorMessage),
    }
}

frames! {
    /// What the agent sends.
    pub enum FromAgent {
        Ack(AckRequest),
        Nack(NackRequest),
        HeartbeatAck(HeartbeatAckRequest),
        CredentialsAck(IAMRoleCredentialsAckRequest),
        StopVerification(TaskStopVerificationMessage),
    }
}

#[cfg(test)]
mod tests;

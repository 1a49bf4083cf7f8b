//! Keeping a session alive, and saying that a message arrived.

use serde::{Deserialize, Serialize};

/// "I am still here": every 20 to 30 seconds, or the agent hangs up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HeartbeatMessage {
    pub healthy: bool,
    pub message_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HeartbeatAckRequest {
    pub message_id: String,
}

/// The whole message was accepted. Cluster and container instance are those of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AckRequest {
    pub cluster: String,
    pub container_instance: String,
    pub message_id: String,
}

/// The message cannot be obeyed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NackRequest {
    pub cluster: String,
    pub container_instance: String,
    pub message_id: String,
    pub reason: String,
}

/// The server is about to end this session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CloseMessage {
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorMessage {
    pub message: String,
}

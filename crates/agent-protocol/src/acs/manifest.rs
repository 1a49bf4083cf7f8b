//! Agreeing on what should run: the server says what it believes, the agent names what is too much, the
//! server confirms, the agent stops it.

use serde::{Deserialize, Serialize};

use super::DesiredStatus;

/// Everything that the server believes to be on this host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskManifestMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    pub tasks: Vec<TaskIdentifier>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    /// A manifest that is not newer than the newest payload or manifest seen is stale and is dropped.
    pub timeline: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskIdentifier {
    pub task_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_cluster_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_status: Option<DesiredStatus>,
}

/// "These run here, and your manifest lacks them: shall I stop them?"
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskStopVerificationMessage {
    /// The manifest's.
    pub message_id: String,
    pub stop_candidates: Vec<TaskIdentifier>,
}

/// "Stop these."
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskStopVerificationAck {
    /// The manifest's. An answer to another manifest than the latest is void.
    pub message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    pub stop_tasks: Vec<TaskIdentifier>,
}

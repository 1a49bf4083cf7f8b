//! The assignment: which tasks this host is to run or to stop.

use serde::{Deserialize, Serialize};

use super::Task;

/// Tasks whose desired status is new to the agent. A payload is sent again until it is acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PayloadMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    /// Shares one counter with a manifest's `timeline`; within one payload STOPPED goes before RUNNING.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq_num: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<i64>,
    pub tasks: Vec<Task>,
}

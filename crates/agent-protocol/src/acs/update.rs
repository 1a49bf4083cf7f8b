//! The server's wish that the agent replaces itself by another version.

use serde::{Deserialize, Serialize};

/// Download it and check it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StageUpdateMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_info: Option<UpdateInfo>,
}

/// Become it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PerformUpdateMessage {
    pub message_id: String,
    pub cluster_arn: String,
    pub container_instance_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_info: Option<UpdateInfo>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateInfo {
    pub location: String,
    pub signature: String,
}

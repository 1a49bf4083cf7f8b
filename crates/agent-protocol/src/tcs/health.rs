//! How well the containers that have a health check are.

use serde::{Deserialize, Serialize};

use crate::EpochSeconds;
use crate::word::words;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublishHealthRequest {
    pub metadata: HealthMetadata,
    pub tasks: Vec<TaskHealth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<EpochSeconds>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthMetadata {
    pub cluster: String,
    pub container_instance: String,
    pub message_id: String,
    pub fin: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskHealth {
    pub task_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_arn: Option<String>,
    pub task_definition_family: String,
    pub task_definition_version: String,
    pub containers: Vec<ContainerHealth>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerHealth {
    pub container_name: String,
    pub health_status: HealthStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_since: Option<EpochSeconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
}

words! {
    pub enum HealthStatus {
        Healthy = "HEALTHY",
        Unhealthy = "UNHEALTHY",
        /// Not yet checked; ECS's spelling of the word, not ours for an unknown one.
        NotKnown = "UNKNOWN",
    }
}

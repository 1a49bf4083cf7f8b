//! How well the host's own parts are: its container runtime, for one.

use serde::{Deserialize, Serialize};

use crate::EpochSeconds;
use crate::word::words;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublishInstanceStatusRequest {
    pub metadata: InstanceStatusMetadata,
    pub statuses: Vec<InstanceStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<EpochSeconds>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstanceStatusMetadata {
    pub cluster: String,
    pub container_instance: String,
    pub request_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    #[serde(rename = "type")]
    pub kind: InstanceStatusType,
    pub status: InstanceHealth,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<EpochSeconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status_change: Option<EpochSeconds>,
}

words! {
    pub enum InstanceStatusType {
        ContainerRuntime = "ContainerRuntime",
        Agent = "Agent",
        EbsDaemon = "EBSDaemon",
        AcceleratedCompute = "ACCELERATED_COMPUTE",
    }
}

words! {
    pub enum InstanceHealth {
        Ok = "OK",
        Impaired = "IMPAIRED",
        InsufficientData = "INSUFFICIENT_DATA",
        Initializing = "INITIALIZING",
    }
}

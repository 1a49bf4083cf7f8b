//! Role credentials, with a task at first and refreshed by themselves later.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::word::words;

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IAMRoleCredentials {
    /// What a container asks for at `/v2/credentials/<id>`; a secret in itself.
    pub credentials_id: String,
    pub role_arn: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    /// ISO 8601.
    pub expiration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_scope: Option<String>,
}

impl fmt::Debug for IAMRoleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IAMRoleCredentials")
            .field("role_arn", &self.role_arn)
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

words! {
    pub enum RoleType {
        TaskApplication = "TaskApplication",
        TaskExecution = "TaskExecution",
    }
}

/// Fresh credentials for a task that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IAMRoleCredentialsMessage {
    pub message_id: String,
    pub task_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_cluster_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_type: Option<RoleType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_credentials: Option<IAMRoleCredentials>,
}

/// One per role, also for those that came with a payload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IAMRoleCredentialsAckRequest {
    pub message_id: String,
    pub credentials_id: String,
    pub expiration: String,
}

//! How a host joins, how its agent comes by credentials and by those of the host's role: calls of Berth's own, plain JSON.
//!
//! Amazon's agent leaves all of it to another program (SSM's), so there is no protocol to follow. What is signed, and
//! by whom, is decided here for both sides; `docs/operations/hosts.md` tells it to people.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// No bucket and no API operation has a path that begins like this.
pub const JOIN_PATH: &str = "/_berth/hosts/join";
pub const CREDENTIALS_PATH: &str = "/_berth/hosts/credentials";

/// These two are asked for with GET, and signed by the credentials of the host.
pub const SELF_PATH: &str = "/_berth/hosts/self";
pub const ROLE_PATH: &str = "/_berth/hosts/role-credentials";

/// What a host is to ECS: the launch type of tasks on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HostType {
    Ec2,
    External,
}

impl HostType {
    /// AWS: an instance's id begins with `i-`, that of a host outside of AWS with `mi-`.
    pub fn id_prefix(self) -> &'static str {
        match self {
            HostType::Ec2 => "i-",
            HostType::External => "mi-",
        }
    }

    /// What the host of this id is.
    pub fn of_id(host_id: &str) -> Self {
        if host_id.starts_with("mi-") { HostType::External } else { HostType::Ec2 }
    }
}

/// Shows an activation and a new public key. Sent again with the same key, it gets the same host back.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinRequest {
    pub activation_id: String,
    pub activation_code: String,
    /// Ed25519, 32 bytes in base 64.
    pub public_key: String,
    pub host_type: HostType,
    /// What the host calls itself; the activation's default name wins over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinAnswer {
    pub host_id: String,
}

/// Asks for temporary credentials; the signature is over [`CredentialsRequest::signed_text`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialsRequest {
    pub host_id: String,
    /// Milliseconds since the epoch. Each request's is later than the last one's, so that none can be replayed.
    pub asked_at: i64,
    /// Ed25519, 64 bytes in base 64.
    pub signature: String,
}

impl CredentialsRequest {
    /// Begins with what it is for, so that a signature made for anything else is worth nothing here.
    pub fn signed_text(host_id: &str, asked_at: i64) -> String {
        format!("berth host credentials\n{host_id}\n{asked_at}\n")
    }
}

/// Temporary credentials. Their times are told from now on: the two clocks may differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsAnswer {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_in_ms: u64,
    pub renew_in_ms: u64,
}

/// What the control plane knows of the host that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAnswer {
    pub host_id: String,
    pub account_id: String,
    pub partition: String,
    /// As its activation names it. Whether there is such a role is another question.
    pub role: String,
    pub tags: BTreeMap<String, String>,
    /// When it joined: milliseconds since the epoch.
    pub registered_at: i64,
}

/// Credentials of the role that a host's activation names, for what runs on the host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAnswer {
    pub role_arn: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_in_ms: u64,
    pub renew_in_ms: u64,
}

/// Why not. The code is for programs, the message for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRefusal {
    pub code: HostRefusalCode,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostRefusalCode {
    /// The request is not one of these calls.
    BadRequest,
    /// There is no such activation, its code is another, or it is used up or over.
    InvalidActivation,
    /// The host was deregistered, or never joined this control plane: only joining again helps.
    UnknownHost,
    /// Not signed by the host's key.
    InvalidSignature,
    /// Sent before, or by a clock too far from the server's.
    StaleRequest,
    /// Later it may work.
    Unavailable,
}

impl HostRefusalCode {
    /// Whether the same request may work later.
    pub fn may_pass(self) -> bool {
        matches!(self, HostRefusalCode::StaleRequest | HostRefusalCode::Unavailable)
    }
}

/// Never shows what is secret.
impl fmt::Debug for RoleAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleAnswer")
            .field("role_arn", &self.role_arn)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for HostRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)
    }
}

impl std::error::Error for HostRefusal {}

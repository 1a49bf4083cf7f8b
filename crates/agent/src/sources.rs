//! Where the agent gets what a task definition only names: objects of S3, secrets, parameters.
//!
//! Both are asked for with the task's execution role, if it has one, and else in the host's own name. Who
//! is asked is the host's setting. Nothing that is fetched is kept here, or ever shown in an error.
//! [`HttpSources`](crate::HttpSources) is the real one.

mod http;
mod object_name;
mod patience;

use std::collections::BTreeMap;

use async_trait::async_trait;
use berth_agent_protocol::acs::IAMRoleCredentials;
use bytes::Bytes;

pub(crate) use self::object_name::ObjectName;
pub(crate) use self::patience::patiently;

pub use self::http::{HttpSources, SourceEndpoint};

/// What a host can be asked for beside containers. Nothing here retries.
#[async_trait]
pub trait Sources: Send + Sync + 'static {
    /// An object's bytes.
    async fn object(
        &self,
        bucket: &str,
        key: &str,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<Bytes, SourceError>;

    /// A secret's value as it is stored; `region` if it is not the host's own.
    async fn secret(
        &self,
        version: &SecretVersion,
        region: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<String, SourceError>;

    /// Values of Parameter Store, opened, by the names or ARNs that they are asked for with; those that are not there
    /// are left out.
    async fn parameters(
        &self,
        names: &[String],
        region: Option<&str>,
        credentials: Option<&IAMRoleCredentials>,
    ) -> Result<BTreeMap<String, String>, SourceError>;

    /// Whether there is anybody to ask for objects: what the host promises to the control plane.
    fn has_objects(&self) -> bool;

    /// The same for secrets and parameters.
    fn has_secrets(&self) -> bool;
}

/// A secret by its name or ARN, and which version of it if it is not the current one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretVersion {
    pub secret: String,
    pub stage: Option<String>,
    pub version: Option<String>,
}

impl From<&str> for SecretVersion {
    fn from(secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..Self::default() }
    }
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("{asked}: this host's agent is not told where to ask: start it with {setting}")]
    NotConfigured { asked: String, setting: &'static str },
    /// It was understood, and refused.
    #[error("{asked}: {code}: {message} (status code: {status})")]
    Refused { asked: String, status: u16, code: String, message: String },
    /// Nobody answered.
    #[error("{asked}: {cause}")]
    Unreachable { asked: String, cause: String },
    /// There was an answer, and it cannot be used.
    #[error("{asked}: {fault}")]
    Unusable { asked: String, fault: String },
}

impl SourceError {
    /// Whether asking once more may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotConfigured { .. } | Self::Unusable { .. } => false,
            Self::Unreachable { .. } => true,
            Self::Refused { status, code, .. } => {
                *status >= 500
                    || *status == 429
                    || matches!(code.as_str(), "ThrottlingException" | "RequestTimeout")
            }
        }
    }
}

/// A host that has nobody to ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

#[async_trait]
impl Sources for NoSources {
    async fn object(
        &self,
        bucket: &str,
        key: &str,
        _: Option<&IAMRoleCredentials>,
    ) -> Result<Bytes, SourceError> {
        Err(http::no_objects(bucket, key))
    }

    async fn secret(
        &self,
        version: &SecretVersion,
        _: Option<&str>,
        _: Option<&IAMRoleCredentials>,
    ) -> Result<String, SourceError> {
        Err(http::no_secrets(&version.secret))
    }

    async fn parameters(
        &self,
        names: &[String],
        _: Option<&str>,
        _: Option<&IAMRoleCredentials>,
    ) -> Result<BTreeMap<String, String>, SourceError> {
        Err(http::no_secrets(&names.join(", ")))
    }

    fn has_objects(&self) -> bool {
        false
    }

    fn has_secrets(&self) -> bool {
        false
    }
}

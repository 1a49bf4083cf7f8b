//! Credentials of a role, for a service that acts in it or hands it to what it runs.

use std::fmt;
use std::time::Duration;

use berth_model::{Scope, Tags, Timestamp};

/// Implemented by identity. It answers from memory and writes nothing: a session has no row.
pub trait RoleSessions: Send + Sync + 'static {
    /// Begins a session, if the role's trust policy lets the service in.
    fn assume(&self, request: RoleRequest<'_>) -> Result<SessionCredentials, RoleRefusal>;

    /// Whether it would begin one: for those who have to say no before anything is recorded.
    fn check(&self, request: &RoleRequest<'_>) -> Result<(), RoleRefusal>;
}

/// Where nobody knows of any role.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRoles;

impl RoleSessions for NoRoles {
    fn assume(&self, request: RoleRequest<'_>) -> Result<SessionCredentials, RoleRefusal> {
        Err(RoleRefusal::NoSuchRole(request.role.to_owned()))
    }

    fn check(&self, request: &RoleRequest<'_>) -> Result<(), RoleRefusal> {
        Err(RoleRefusal::NoSuchRole(request.role.to_owned()))
    }
}

pub struct RoleRequest<'a> {
    /// Whose role it is.
    pub scope: &'a Scope,
    /// Its ARN, or what an ARN has after `role/`: its name as it is spelled, behind its path if it has one.
    pub role: &'a str,
    /// Who is to be in it: the last part of the session's ARN.
    pub session_name: &'a str,
    /// Such as `ecs-tasks.amazonaws.com`.
    pub service: &'static str,
    /// For what the service acts: what a trust policy knows as `aws:SourceArn`.
    pub source_arn: Option<String>,
    pub duration: Duration,
    pub tags: Tags,
    pub now: Timestamp,
}

#[derive(Clone, PartialEq, Eq)]
pub struct SessionCredentials {
    /// Of the role, in full.
    pub role_arn: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_at: Timestamp,
}

/// Why there are none, for whoever wanted the role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleRefusal {
    #[error("there is no role {0}")]
    NoSuchRole(String),
    #[error("the trust policy of {role} does not let {service} assume it")]
    NotTrusted { role: String, service: &'static str },
    /// Its trust policy cannot be read: our fault.
    #[error("the trust policy of {0} cannot be evaluated")]
    Unreadable(String),
}

/// Never shows what is secret.
impl fmt::Debug for SessionCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCredentials")
            .field("role_arn", &self.role_arn)
            .field("access_key_id", &self.access_key_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

//! Lends roles to whoever asks, and writes down nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};

/// Has every role but those whose name begins with `untrusted`, which are there and do not trust ECS.
#[derive(Default)]
pub struct Lender {
    issued: AtomicU64,
    gone: Mutex<BTreeSet<String>>,
}

impl Lender {
    /// From here on there is no such role.
    pub fn delete(&self, role: &str) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(role.to_owned());
    }
}

impl RoleSessions for Lender {
    fn assume(&self, request: RoleRequest<'_>) -> Result<SessionCredentials, RoleRefusal> {
        self.check(&request)?;
        let number = self.issued.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(SessionCredentials {
            role_arn: request.role.to_owned(),
            access_key_id: format!("ASIA{number}"),
            secret_access_key: format!("secret-{number}"),
            session_token: format!("{} of {number}", request.session_name),
            expires_at: request.now + request.duration,
        })
    }

    fn check(&self, request: &RoleRequest<'_>) -> Result<(), RoleRefusal> {
        assert!(
            ["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"].contains(&request.service),
            "{}",
            request.service
        );
        assert_eq!(request.source_arn.as_deref(), Some("arn:aws:ecs:us-east-1:123456789012:*"));
        let role = request.role.to_owned();
        if self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(&role) {
            return Err(RoleRefusal::NoSuchRole(role));
        }
        match role.rsplit('/').next() {
            Some(name) if name.starts_with("untrusted") => {
                Err(RoleRefusal::NotTrusted { role, service: request.service })
            }
            _ => Ok(()),
        }
    }
}

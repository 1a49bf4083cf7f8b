//! Who this host is to the control plane, and how it proves it.
//!
//! A key pair is made once and kept in a file; the control plane knows the public half from the day the host joined.
//! [`HostIdentity::join`] does that, [`RotatingCredentials`] turns the private half into credentials for an hour, again
//! and again. Real I/O all of it: a simulated agent has a control plane that believes it.

mod call;
mod file;
mod grant;
mod key;
mod rotation;

use std::time::Duration;

use berth_agent_protocol::hosts::{
    CREDENTIALS_PATH, CredentialsAnswer, CredentialsRequest, JOIN_PATH, JoinAnswer, JoinRequest,
};
use rand::RngExt;

pub use call::HostCalls;
pub use file::{IdentityFile, NotJoined};
pub use grant::{JoinGrant, NoToken};
pub use rotation::RotatingCredentials;

use call::HostCallError;
use key::HostKey;

/// A host that has joined.
#[derive(Clone)]
pub struct HostIdentity {
    host_id: String,
    /// The activation that it joined by.
    activation_id: String,
    key: std::sync::Arc<HostKey>,
}

/// Why a host is not let in, and will not be as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JoinError(String);

impl HostIdentity {
    pub fn host_id(&self) -> &str {
        &self.host_id
    }

    /// Whether this is the grant that the host joined by: it is spent, and cannot bring the host in again.
    pub fn joined_by(&self, grant: &JoinGrant) -> bool {
        self.activation_id == grant.activation_id
    }

    /// Joins, for as long as it takes to reach the control plane. The key is in the file before anybody hears of it,
    /// so whoever is killed on the way comes back as the same host.
    pub async fn join(
        file: &IdentityFile,
        unjoined: NotJoined,
        calls: &HostCalls,
        grant: &JoinGrant,
        name: Option<String>,
    ) -> anyhow::Result<HostIdentity> {
        let key = file.key_for_joining(unjoined).await?;
        let request = JoinRequest {
            activation_id: grant.activation_id.clone(),
            activation_code: grant.activation_code.clone(),
            public_key: key.public_key(),
            host_type: grant.host_type,
            name,
        };
        let mut patience = Patience::new();
        let answer: JoinAnswer = loop {
            match calls.post(JOIN_PATH, &request).await {
                Ok(answer) => break answer,
                Err(HostCallError::Refused(refusal)) if !refusal.code.may_pass() => {
                    return Err(JoinError(refusal.message).into());
                }
                Err(HostCallError::Distrusted(cause)) => {
                    return Err(JoinError(format!("{cause:#}")).into());
                }
                Err(cause) => {
                    let wait = patience.next();
                    tracing::warn!(%cause, ?wait, "this host could not join yet; trying again");
                    tokio::time::sleep(wait).await;
                }
            }
        };
        let joined = HostIdentity {
            host_id: answer.host_id,
            activation_id: grant.activation_id.clone(),
            key: key.into(),
        };
        file.save(&joined).await?;
        tracing::info!(host = joined.host_id, "this host has joined");
        Ok(joined)
    }

    /// Asks for credentials once. `asked_at` in milliseconds, later each time.
    async fn ask(
        &self,
        calls: &HostCalls,
        asked_at: i64,
    ) -> Result<CredentialsAnswer, HostCallError> {
        let text = CredentialsRequest::signed_text(&self.host_id, asked_at);
        let request = CredentialsRequest {
            host_id: self.host_id.clone(),
            asked_at,
            signature: self.key.sign(&text),
        };
        calls.post(CREDENTIALS_PATH, &request).await
    }
}

/// Growing waits, never in step with those of other hosts.
pub(crate) struct Patience {
    next: Duration,
}

impl Patience {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(60);

    pub(crate) fn new() -> Self {
        Patience { next: Self::FIRST }
    }

    pub(crate) fn reset(&mut self) {
        self.next = Self::FIRST;
    }

    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(Self::LONGEST);
        wait.mul_f64(rand::rng().random_range(0.8..1.2))
    }
}

#[cfg(test)]
mod tests;

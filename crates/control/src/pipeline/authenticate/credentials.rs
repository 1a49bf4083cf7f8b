//! Where access keys and their secrets are found.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use berth_model::Timestamp;
use tokio_util::sync::CancellationToken;

use super::SecretKey;
use crate::pipeline::PrincipalKind;

/// What is known of an access key.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub secret_access_key: SecretKey,
    /// Temporary credentials come with a token that every request must show.
    pub session_token: Option<Arc<str>>,
    pub expires_at: Option<Timestamp>,
    /// Who holds it.
    pub holder: PrincipalKind,
}

/// Knows access keys: the administrator's, agents' own, users', temporary ones.
#[async_trait]
pub trait CredentialSource: Send + Sync + 'static {
    /// `None`: no such key, or not a valid one any more. `Err`: it cannot be told right now. The token that was shown
    /// is for those who know their keys by it; whether it is the key's own is checked in any case.
    async fn find(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> anyhow::Result<Option<Credential>>;

    /// Cancelled when this holder's keys are taken away, for whoever holds something open in its name. `None`: that
    /// cannot happen, or this source knows no such holder.
    fn revocation(&self, _holder: &PrincipalKind) -> Option<CancellationToken> {
        None
    }
}

/// Keys that are known from the start.
#[derive(Clone, Debug, Default)]
pub struct StaticCredentials(HashMap<String, Credential>);

impl StaticCredentials {
    pub fn new() -> Self {
        StaticCredentials::default()
    }

    pub fn with(mut self, access_key_id: impl Into<String>, credential: Credential) -> Self {
        self.0.insert(access_key_id.into(), credential);
        self
    }

    /// The account's own key.
    pub fn with_administrator(self, access_key_id: &str, secret_access_key: &str) -> Self {
        self.with(
            access_key_id,
            Credential::lasting(secret_access_key, PrincipalKind::Administrator),
        )
    }

    /// The key of the agent on one host.
    pub fn with_agent(self, host: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        let holder = PrincipalKind::Agent { host: host.into() };
        self.with(access_key_id, Credential::lasting(secret_access_key, holder))
    }
}

#[async_trait]
impl CredentialSource for StaticCredentials {
    async fn find(
        &self,
        access_key_id: &str,
        _: Option<&str>,
    ) -> anyhow::Result<Option<Credential>> {
        Ok(self.0.get(access_key_id).cloned())
    }
}

impl Credential {
    /// One without a token and without an end.
    pub fn lasting(secret_access_key: &str, holder: PrincipalKind) -> Self {
        Credential {
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expires_at: None,
            holder,
        }
    }
}

/// Never shows what is secret.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("holder", &self.holder)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

//! Access keys of hosts, for whoever checks signatures.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::authenticate::{Credential, CredentialSource};
use tokio_util::sync::CancellationToken;

use crate::service::Hosts;
use crate::tables::{Host, HostCredential};

/// Finds temporary credentials in the tables, so that one that is taken away stops working at once.
pub struct HostCredentials(Arc<Hosts>);

impl HostCredentials {
    pub fn of(hosts: &Arc<Hosts>) -> Self {
        Self(hosts.clone())
    }
}

#[async_trait]
impl CredentialSource for HostCredentials {
    async fn find(
        &self,
        access_key_id: &str,
        _: Option<&str>,
    ) -> anyhow::Result<Option<Credential>> {
        let view = self.0.cell.snapshot();
        let credentials = view.table::<HostCredential>();
        let host = credentials.indexes().by_access_key.first(&access_key_id.to_owned());
        let Some(row) = host.and_then(|host| credentials.get(host)) else { return Ok(None) };
        let issued = row.issued().find(|issued| issued.access_key_id == access_key_id);
        Ok(issued.map(|issued| Credential {
            secret_access_key: issued.secret_access_key.as_str().into(),
            session_token: Some(issued.session_token.as_str().into()),
            expires_at: Some(issued.expires_at),
            holder: PrincipalKind::Agent { host: row.host.as_str().into() },
        }))
    }

    fn revocation(&self, holder: &PrincipalKind) -> Option<CancellationToken> {
        let PrincipalKind::Agent { host } = holder else { return None };
        let revocation = self.0.revocations.of(host);
        // Deregistered between the proof and now: nobody would cancel it any more.
        if self.0.cell.snapshot().table::<Host>().get(&host.to_string()).is_none() {
            self.0.revocations.revoke(host);
            revocation.cancel();
        }
        Some(revocation)
    }
}

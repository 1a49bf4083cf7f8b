//! Temporary keys, about which their session token tells everything.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::pipeline::PrincipalKind;
use berth_control::pipeline::authenticate::{Credential, CredentialSource};

use super::holder;
use crate::Identity;
use crate::sessions::{self, Holder};
use crate::tables::User;

pub struct TemporaryKeys(Arc<Identity>);

impl TemporaryKeys {
    pub fn of(identity: &Arc<Identity>) -> Self {
        Self(identity.clone())
    }
}

#[async_trait]
impl CredentialSource for TemporaryKeys {
    async fn find(
        &self,
        access_key_id: &str,
        token: Option<&str>,
    ) -> anyhow::Result<Option<Credential>> {
        let token = token.filter(|_| access_key_id.starts_with(sessions::TEMPORARY));
        let read = |token| sessions::read(&self.0.sealer, access_key_id, token);
        let Some((token, statement)) = token.and_then(|token| Some((token, read(token)?))) else {
            return Ok(None);
        };
        let holder = match statement.holder {
            Holder::Root => PrincipalKind::Administrator,
            Holder::User(id) => {
                let view = self.0.cell.snapshot();
                // Deleted, and its keys with it.
                let Some(user) = view.table::<User>().get(&(statement.account, id)) else {
                    return Ok(None);
                };
                holder(user, Some(statement.issued_at))
            }
            Holder::Session(session) => PrincipalKind::Session(Arc::from(session)),
        };
        Ok(Some(Credential {
            secret_access_key: statement.secret_access_key.as_str().into(),
            session_token: Some(token.into()),
            expires_at: Some(statement.expires_at),
            holder,
        }))
    }
}

//! Temporary keys, about which their session token tells everything.

use std::sync::Arc;

use async_trait::async_trait;
use berth_control::cell::Remembered;
use berth_control::pipeline::authenticate::{Credential, CredentialSource};
use berth_control::pipeline::{Lender, PrincipalKind};
use berth_control::tables::{Record, TableId, View};

use super::{MOST, holder};
use crate::Identity;
use crate::sessions::{self, Holder};
use crate::tables::{Account, Role, UniqueId, User};

/// What tells whether somebody is still there to lend its permissions.
static TABLES: [TableId; 2] = [User::TABLE, Role::TABLE];

pub struct TemporaryKeys {
    identity: Arc<Identity>,
    /// Those whose tokens were read, by their ids.
    known: Remembered<String, Credential>,
}

impl TemporaryKeys {
    pub fn of(identity: &Arc<Identity>) -> Self {
        Self { identity: identity.clone(), known: Remembered::of(&TABLES, MOST) }
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
        let Some(token) = token else { return Ok(None) };
        let view = self.identity.cell.snapshot();
        let known = self.known.get(&view, access_key_id);
        if let Some(known) = known.filter(|known| known.session_token.as_deref() == Some(token)) {
            return Ok(Some(known));
        }
        let statement = sessions::read(&self.identity.sealer, access_key_id, token);
        let Some(statement) = statement else { return Ok(None) };
        let holder = match statement.holder {
            Holder::Root => PrincipalKind::Administrator,
            Holder::User(id) => {
                // Deleted, and its keys with it.
                let Some(user) = view.table::<User>().get(&(statement.account, id)) else {
                    return Ok(None);
                };
                holder(user, Some(statement.issued_at))
            }
            Holder::Session(session) if is_there(&view, statement.account, &session.lender) => {
                PrincipalKind::Session(Arc::from(session))
            }
            Holder::Session(_) => return Ok(None),
        };
        let credential = Credential {
            secret_access_key: statement.secret_access_key.as_str().into(),
            session_token: Some(token.into()),
            expires_at: Some(statement.expires_at),
            holder,
        };
        self.known.keep(&view, statement.access_key_id, credential.clone());
        Ok(Some(credential))
    }
}

/// A session ends with whose permissions it has: one that is made anew under the same name is somebody else.
fn is_there(view: &impl View, account: Account, lender: &Lender) -> bool {
    let key = |id: &str| (account, UniqueId::from(id));
    match lender {
        Lender::Role { id, .. } => view.get::<Role>(&key(id)).is_some(),
        Lender::FederatedBy { id, .. } => view.get::<User>(&key(id)).is_some(),
        Lender::Root => true,
    }
}

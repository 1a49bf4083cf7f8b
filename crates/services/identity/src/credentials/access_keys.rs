//! Users' access keys: rows, so that one that is made inactive or deleted stops working at once.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use berth_control::cell::Remembered;
use berth_control::pipeline::authenticate::{Credential, CredentialSource};
use berth_control::tables::{Record, TableId};

use super::{MOST, holder};
use crate::Identity;
use crate::tables::{AccessKey, User};

/// What tells whether a key is good, and whose it is.
static TABLES: [TableId; 2] = [AccessKey::TABLE, User::TABLE];

pub struct AccessKeys {
    identity: Arc<Identity>,
    /// Good ones that were unsealed, by their ids.
    known: Remembered<String, Credential>,
}

impl AccessKeys {
    pub fn of(identity: &Arc<Identity>) -> Self {
        Self { identity: identity.clone(), known: Remembered::of(&TABLES, MOST) }
    }
}

#[async_trait]
impl CredentialSource for AccessKeys {
    async fn find(
        &self,
        access_key_id: &str,
        _: Option<&str>,
    ) -> anyhow::Result<Option<Credential>> {
        let view = self.identity.cell.snapshot();
        if let Some(known) = self.known.get(&view, access_key_id) {
            return Ok(Some(known));
        }
        let key = view.table::<AccessKey>().get(&access_key_id.to_owned());
        let Some(key) = key.filter(|key| key.is_active) else { return Ok(None) };
        let Some(user) = view.table::<User>().get(&key.user_key()) else { return Ok(None) };
        let secret = self.identity.sealer.unseal(AccessKey::purpose(&key.id), &key.secret);
        let secret = secret.with_context(|| format!("the secret of {}", key.id))?;
        let secret = std::str::from_utf8(&secret).context("a secret access key is text")?;
        let credential = Credential::lasting(secret, holder(user, None));
        self.known.keep(&view, key.id.clone(), credential.clone());
        Ok(Some(credential))
    }
}

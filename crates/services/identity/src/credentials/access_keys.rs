//! Users' access keys: rows, so that one that is made inactive or deleted stops working at once.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use berth_control::pipeline::authenticate::{Credential, CredentialSource};

use super::holder;
use crate::Identity;
use crate::tables::{AccessKey, User};

pub struct AccessKeys(Arc<Identity>);

impl AccessKeys {
    pub fn of(identity: &Arc<Identity>) -> Self {
        Self(identity.clone())
    }
}

#[async_trait]
impl CredentialSource for AccessKeys {
    async fn find(
        &self,
        access_key_id: &str,
        _: Option<&str>,
    ) -> anyhow::Result<Option<Credential>> {
        let view = self.0.cell.snapshot();
        let key = view.table::<AccessKey>().get(&access_key_id.to_owned());
        let Some(key) = key.filter(|key| key.is_active) else { return Ok(None) };
        let Some(user) = view.table::<User>().get(&key.user_key()) else { return Ok(None) };
        let secret = self.0.sealer.unseal(AccessKey::purpose(&key.id), &key.secret);
        let secret = secret.with_context(|| format!("the secret of {}", key.id))?;
        let secret = std::str::from_utf8(&secret).context("a secret access key is text")?;
        Ok(Some(Credential::lasting(secret, holder(user, None))))
    }
}

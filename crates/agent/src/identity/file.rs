//! The file that makes a host the same host tomorrow: its private key and its id.
//!
//! JSON, mode 0600, replaced as a whole. Whoever has it is the host; a copy on another machine is a theft, not a
//! second host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::HostIdentity;
use super::key::HostKey;
use crate::memory::{FileMemory, Memory};

pub struct IdentityFile {
    path: PathBuf,
    memory: FileMemory,
}

/// A host that is not in yet; perhaps with a key that it has shown already.
pub struct NotJoined(Option<HostKey>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    private_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joined: Option<Joined>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Joined {
    host_id: String,
    activation_id: String,
}

impl IdentityFile {
    /// The folder of the file must exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { memory: FileMemory::new(&path), path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who this host is, if it has joined. A file that cannot be read is an error: to be somebody else all of a sudden
    /// is nothing that should happen by itself.
    pub async fn load(&self) -> anyhow::Result<Result<HostIdentity, NotJoined>> {
        let Some(bytes) = self.memory.load().await? else { return Ok(Err(NotJoined(None))) };
        let at = || {
            format!("{} is damaged; remove it and join again with a new token", self.path.display())
        };
        let kept: Kept = serde_json::from_slice(&bytes).with_context(at)?;
        let key = STANDARD.decode(&kept.private_key).map_err(anyhow::Error::from);
        let key = key.and_then(HostKey::parse).with_context(at)?;
        Ok(match kept.joined {
            Some(Joined { host_id, activation_id }) => {
                Ok(HostIdentity { host_id, activation_id, key: Arc::new(key) })
            }
            None => Err(NotJoined(Some(key))),
        })
    }

    pub(super) async fn key_for_joining(&self, unjoined: NotJoined) -> anyhow::Result<HostKey> {
        if let NotJoined(Some(key)) = unjoined {
            return Ok(key);
        }
        let key = HostKey::generate()?;
        self.write(&key, None).await?;
        Ok(key)
    }

    pub(super) async fn save(&self, host: &HostIdentity) -> anyhow::Result<()> {
        let HostIdentity { host_id, activation_id, key } = host;
        let (host_id, activation_id) = (host_id.clone(), activation_id.clone());
        self.write(key, Some(Joined { host_id, activation_id })).await
    }

    async fn write(&self, key: &HostKey, joined: Option<Joined>) -> anyhow::Result<()> {
        let kept = Kept { private_key: STANDARD.encode(key.document()), joined };
        self.memory.save(serde_json::to_vec_pretty(&kept)?).await
    }
}

impl NotJoined {
    /// With a key that nobody has seen: for a host that begins anew.
    pub fn afresh() -> Self {
        NotJoined(None)
    }
}

//! A ciphertext that a request brings, opened by the key that it names or that its caller insists on.

use berth_aws_api::kms as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;
use berth_model::Scope;
use bytes::Bytes;

use super::request::invalid;
use crate::keys::{EncryptionContext, KeyRefusal, Opened, Vault, find};

pub struct Ciphertext {
    pub blob: Option<Bytes>,
    pub context: EncryptionContext,
    /// The key that it must be under, if the caller says.
    pub key_id: Option<String>,
}

pub fn open<'v>(
    vault: &Vault,
    view: &'v impl View,
    scope: &Scope,
    ciphertext: Ciphertext,
) -> Result<Opened<'v>, Failure<api::Error>> {
    let Some(blob) = ciphertext.blob else {
        return Err(invalid("CiphertextBlob must be given."));
    };
    let wanted = ciphertext.key_id.map(|name| find(view, scope, &name)).transpose()?;
    let opened = vault.open(view, scope, &blob, &ciphertext.context)?;
    match wanted {
        Some(wanted) if wanted.id != opened.key.id => Err(KeyRefusal::IncorrectKey.into()),
        _ => Ok(opened),
    }
}

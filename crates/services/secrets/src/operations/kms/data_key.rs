//! Data keys: random bytes, and the same bytes under a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;
use zeroize::Zeroizing;

use super::request::{self, invalid};
use crate::service::Secrets;
use crate::tables::Key;

/// What both operations are asked.
pub struct Wanted {
    pub key_id: Option<String>,
    pub context: Option<BTreeMap<String, String>>,
    pub number_of_bytes: Option<i32>,
    pub key_spec: Option<api::DataKeySpec>,
    pub grant_tokens: Option<Vec<String>>,
    pub dry_run: Option<bool>,
}

pub struct DataKey {
    pub plaintext: Zeroizing<Vec<u8>>,
    pub ciphertext: Bytes,
    pub under: Key,
}

pub async fn generate(
    secrets: &Arc<Secrets>,
    call: &Call,
    wanted: Wanted,
) -> Result<DataKey, Failure<api::Error>> {
    request::no_grants(&wanted.grant_tokens)?;
    let length = length(wanted.number_of_bytes, &wanted.key_spec)?;
    let name = wanted.key_id.unwrap_or_default();
    let under = request::find_or_make(secrets, &call.scope, &name).await?;
    let plaintext = secrets.vault.random(length);
    let ciphertext = secrets.vault.seal_under(&under, &wanted.context.into(), &plaintext)?;
    request::dry_run(wanted.dry_run)?;
    Ok(DataKey { plaintext, ciphertext: ciphertext.into(), under })
}

fn length(
    bytes: Option<i32>,
    spec: &Option<api::DataKeySpec>,
) -> Result<usize, Failure<api::Error>> {
    match (bytes, spec) {
        (Some(bytes), None) => Ok(bytes.unsigned_abs() as usize),
        (None, Some(api::DataKeySpec::Aes128)) => Ok(16),
        (None, Some(_)) => Ok(32),
        _ => Err(invalid("Please specify either number of bytes or key spec.")),
    }
}

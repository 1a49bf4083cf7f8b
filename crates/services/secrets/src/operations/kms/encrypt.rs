//! Encrypt: up to 4096 bytes under a key.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::request;
use crate::service::Secrets;

pub async fn encrypt(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::EncryptRequest,
) -> Result<api::EncryptResponse, Failure<api::Error>> {
    request::no_grants(&input.grant_tokens)?;
    request::algorithm(&input.encryption_algorithm)?;
    let name = input.key_id.unwrap_or_default();
    let key = request::find_or_make(&secrets, &call.scope, &name).await?;
    let context = input.encryption_context.into();
    let plaintext = input.plaintext.unwrap_or_default();
    let ciphertext = secrets.vault.seal_under(&key, &context, &plaintext)?;
    request::dry_run(input.dry_run)?;
    Ok(api::EncryptResponse {
        ciphertext_blob: Some(ciphertext.into()),
        key_id: Some(key.arn()),
        encryption_algorithm: Some(api::EncryptionAlgorithmSpec::SymmetricDefault),
    })
}

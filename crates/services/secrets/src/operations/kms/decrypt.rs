//! Decrypt: the ciphertext itself says under which key it is.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;

use super::opening::{self, Ciphertext};
use super::request;
use crate::service::Secrets;

pub async fn decrypt(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::DecryptRequest,
) -> Result<api::DecryptResponse, Failure<api::Error>> {
    request::no_grants(&input.grant_tokens)?;
    request::no_recipient(&input.recipient)?;
    request::no_modifiers(&input.dry_run_modifiers)?;
    request::algorithm(&input.encryption_algorithm)?;
    let view = secrets.cell.snapshot();
    let ciphertext = Ciphertext {
        blob: input.ciphertext_blob,
        context: input.encryption_context.into(),
        key_id: input.key_id,
    };
    let opened = opening::open(&secrets.vault, &view, &call.scope, ciphertext)?;
    request::dry_run(input.dry_run)?;
    Ok(api::DecryptResponse {
        key_id: Some(opened.key.arn()),
        plaintext: Some(Bytes::copy_from_slice(&opened.plaintext)),
        encryption_algorithm: Some(api::EncryptionAlgorithmSpec::SymmetricDefault),
        ciphertext_for_recipient: None,
        key_material_id: Some(opened.key.material_id(opened.version)),
    })
}

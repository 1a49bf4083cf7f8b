//! ReEncrypt: from one key or context to another, without showing what it is.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::opening::{self, Ciphertext};
use super::request;
use crate::service::Secrets;

pub async fn re_encrypt(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::ReEncryptRequest,
) -> Result<api::ReEncryptResponse, Failure<api::Error>> {
    request::no_grants(&input.grant_tokens)?;
    request::no_modifiers(&input.dry_run_modifiers)?;
    request::algorithm(&input.source_encryption_algorithm)?;
    request::algorithm(&input.destination_encryption_algorithm)?;
    let name = input.destination_key_id.unwrap_or_default();
    let destination = request::find_or_make(&secrets, &call.scope, &name).await?;
    let view = secrets.cell.snapshot();
    let source = Ciphertext {
        blob: input.ciphertext_blob,
        context: input.source_encryption_context.into(),
        key_id: input.source_key_id,
    };
    let opened = opening::open(&secrets.vault, &view, &call.scope, source)?;
    let context = input.destination_encryption_context.into();
    let ciphertext = secrets.vault.seal_under(&destination, &context, &opened.plaintext)?;
    request::dry_run(input.dry_run)?;
    let algorithm = || Some(api::EncryptionAlgorithmSpec::SymmetricDefault);
    Ok(api::ReEncryptResponse {
        ciphertext_blob: Some(ciphertext.into()),
        source_key_id: Some(opened.key.arn()),
        key_id: Some(destination.arn()),
        source_encryption_algorithm: algorithm(),
        destination_encryption_algorithm: algorithm(),
        source_key_material_id: Some(opened.key.material_id(opened.version)),
        destination_key_material_id: Some(destination.material_id(destination.current().number)),
    })
}

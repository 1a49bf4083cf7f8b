//! GenerateDataKey: to encrypt with now, and to keep encrypted.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;

use super::data_key::{self, Wanted};
use super::request;
use crate::service::Secrets;

pub async fn generate_data_key(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GenerateDataKeyRequest,
) -> Result<api::GenerateDataKeyResponse, Failure<api::Error>> {
    request::no_recipient(&input.recipient)?;
    let wanted = Wanted {
        key_id: input.key_id,
        context: input.encryption_context,
        number_of_bytes: input.number_of_bytes,
        key_spec: input.key_spec,
        grant_tokens: input.grant_tokens,
        dry_run: input.dry_run,
    };
    let made = data_key::generate(&secrets, &call, wanted).await?;
    Ok(api::GenerateDataKeyResponse {
        ciphertext_blob: Some(made.ciphertext),
        plaintext: Some(Bytes::copy_from_slice(&made.plaintext)),
        key_id: Some(made.under.arn()),
        ciphertext_for_recipient: None,
        key_material_id: Some(made.under.material_id(made.under.current().number)),
    })
}

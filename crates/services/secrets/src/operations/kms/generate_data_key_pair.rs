//! GenerateDataKeyPair: a private key to use now and to keep encrypted, with its public key.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;

use super::data_key_pair::{self, Wanted};
use super::request;
use crate::service::Secrets;

pub async fn generate_data_key_pair(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GenerateDataKeyPairRequest,
) -> Result<api::GenerateDataKeyPairResponse, Failure<api::Error>> {
    request::no_recipient(&input.recipient)?;
    let wanted = Wanted {
        key_id: input.key_id,
        context: input.encryption_context,
        spec: input.key_pair_spec,
        grant_tokens: input.grant_tokens,
        dry_run: input.dry_run,
    };
    let made = data_key_pair::generate(&secrets, &call, wanted).await?;
    Ok(api::GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(made.private_ciphertext),
        private_key_plaintext: Some(Bytes::copy_from_slice(&made.pair.private)),
        public_key: Some(made.pair.public.into()),
        key_id: Some(made.under.arn()),
        key_pair_spec: Some(made.spec),
        ciphertext_for_recipient: None,
        key_material_id: Some(made.under.material_id(made.under.current().number)),
    })
}

//! GenerateDataKeyPairWithoutPlaintext: the private key is for later.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::data_key_pair::{self, Wanted};
use crate::service::Secrets;

pub async fn generate_data_key_pair_without_plaintext(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyPairWithoutPlaintextResponse, Failure<api::Error>> {
    let wanted = Wanted {
        key_id: input.key_id,
        context: input.encryption_context,
        spec: input.key_pair_spec,
        grant_tokens: input.grant_tokens,
        dry_run: input.dry_run,
    };
    let made = data_key_pair::generate(&secrets, &call, wanted).await?;
    Ok(api::GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(made.private_ciphertext),
        public_key: Some(made.pair.public.into()),
        key_id: Some(made.under.arn()),
        key_pair_spec: Some(made.spec),
        key_material_id: Some(made.under.material_id(made.under.current().number)),
    })
}

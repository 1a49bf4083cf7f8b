//! GenerateDataKeyWithoutPlaintext: for whoever will encrypt later, elsewhere.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};

use super::data_key::{self, Wanted};
use crate::service::Secrets;

pub async fn generate_data_key_without_plaintext(
    secrets: Arc<Secrets>,
    call: Call,
    input: api::GenerateDataKeyWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyWithoutPlaintextResponse, Failure<api::Error>> {
    let wanted = Wanted {
        key_id: input.key_id,
        context: input.encryption_context,
        number_of_bytes: input.number_of_bytes,
        key_spec: input.key_spec,
        grant_tokens: input.grant_tokens,
        dry_run: input.dry_run,
    };
    let made = data_key::generate(&secrets, &call, wanted).await?;
    Ok(api::GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(made.ciphertext),
        key_id: Some(made.under.arn()),
        key_material_id: Some(made.under.material_id(made.under.current().number)),
    })
}

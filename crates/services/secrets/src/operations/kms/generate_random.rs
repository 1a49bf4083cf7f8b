//! GenerateRandom: bytes that nobody can guess.

use std::sync::Arc;

use berth_aws_api::kms as api;
use berth_control::pipeline::{Call, Failure};
use bytes::Bytes;

use super::request::{self, invalid};
use crate::service::Secrets;

pub async fn generate_random(
    secrets: Arc<Secrets>,
    _: Call,
    input: api::GenerateRandomRequest,
) -> Result<api::GenerateRandomResponse, Failure<api::Error>> {
    request::no_recipient(&input.recipient)?;
    if let Some(id) = input.custom_key_store_id {
        let words = format!("There is no custom key store {id}: they are not supported.");
        return Err(api::Error::custom_key_store_not_found(words).into());
    }
    let Some(length) = input.number_of_bytes else {
        return Err(invalid("NumberOfBytes must be given."));
    };
    let bytes = secrets.vault.random(length.unsigned_abs() as usize);
    Ok(api::GenerateRandomResponse {
        plaintext: Some(Bytes::copy_from_slice(&bytes)),
        ciphertext_for_recipient: None,
    })
}

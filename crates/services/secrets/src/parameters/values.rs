//! Values, and the keys that secure ones are under.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use berth_aws_api::ssm as api;
use berth_control::pipeline::Failure;
use berth_control::tables::View;

use super::find::Found;
use crate::keys::{EncryptionContext, KeyRefusal, Vault};
use crate::tables::{Parameter, ParameterValue};

/// The name of the one pair that a secure parameter's ciphertext is about.
pub const PARAMETER_ARN: &str = "PARAMETER_ARN";

/// AWS: what a secure parameter's ciphertext is about.
pub fn context(parameter_arn: String) -> EncryptionContext {
    EncryptionContext::of(PARAMETER_ARN, parameter_arn)
}

/// What a client gets. AWS: a secure value that is not to be decrypted is its ciphertext.
pub fn shown(
    vault: &Vault,
    view: &impl View,
    found: Found<'_>,
    decrypt: Option<bool>,
) -> Result<String, Failure<api::Error>> {
    let Parameter { scope, .. } = found.parameter;
    match &found.version.value {
        ParameterValue::Plain(value) => Ok(value.clone()),
        ParameterValue::Secure(sealed) if decrypt != Some(true) => Ok(BASE64.encode(&**sealed)),
        ParameterValue::Secure(sealed) => {
            let opened = vault.open(view, scope, sealed, &context(found.parameter.arn()));
            let plaintext = opened.map_err(refused)?.plaintext;
            String::from_utf8(plaintext.to_vec()).map_err(Failure::internal)
        }
    }
}

/// AWS: everything that a key does not do is an invalid key id.
pub fn refused(refusal: KeyRefusal) -> Failure<api::Error> {
    match refusal {
        KeyRefusal::Damaged(cause) => Failure::internal(cause),
        refusal => api::Error::invalid_key_id(refusal.to_string()).into(),
    }
}

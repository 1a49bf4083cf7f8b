//! The value of a secret, between a request and a row.

use berth_aws_api::secretsmanager as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_model::Timestamp;
use bytes::Bytes;
use zeroize::Zeroizing;

use super::refusals::invalid;
use crate::keys::{EncryptionContext, KeyOfService, KeyRefusal, key_or_default};
use crate::service::Secrets;
use crate::tables::{Form, Secret, SecretVersion, Under};

/// AWS: bytes.
const LONGEST: usize = 65_536;

/// What a request brings, or what an answer takes out. It has no `Debug`, and leaves nothing behind in memory that is
/// its own.
#[derive(Clone)]
pub struct SecretValue {
    form: Form,
    bytes: Zeroizing<Vec<u8>>,
}

impl SecretValue {
    /// `None` if the request brings no value.
    pub fn of(string: Option<String>, binary: Option<Bytes>) -> Result<Option<Self>, api::Error> {
        let value = match (string, binary) {
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "You can't specify both a binary secret value and a string secret value in the same secret.",
                ));
            }
            (Some(text), None) => Self { form: Form::String, bytes: text.into_bytes().into() },
            (None, Some(bytes)) => Self { form: Form::Binary, bytes: bytes.to_vec().into() },
            (None, None) => return Ok(None),
        };
        // The model counts characters.
        match value.bytes.len() > LONGEST {
            true => Err(invalid(format!(
                "The secret value has {} bytes; the most is {LONGEST}.",
                value.bytes.len()
            ))),
            false => Ok(Some(value)),
        }
    }

    pub fn is(&self, other: &SecretValue) -> bool {
        self.form == other.form && self.bytes == other.bytes
    }

    /// As the members `SecretString` and `SecretBinary`.
    pub fn render(&self) -> (Option<String>, Option<Bytes>) {
        match self.form {
            Form::String => (Some(String::from_utf8_lossy(&self.bytes).into_owned()), None),
            Form::Binary => (None, Some(Bytes::copy_from_slice(&self.bytes))),
        }
    }
}

/// A version that is in no table yet, under the secret's key.
pub fn seal(
    tx: &mut Transaction,
    secrets: &Secrets,
    secret: &Secret,
    id: &str,
    value: &SecretValue,
    now: Timestamp,
) -> Result<SecretVersion, api::Error> {
    let (vault, env) = (&secrets.vault, &secrets.env);
    let name = secret.kms_key.as_deref();
    let own = KeyOfService::SecretsManager;
    let key =
        key_or_default(tx, vault, env, &secret.scope, name, own).map_err(
            |refusal| match refusal {
                KeyRefusal::NotFound(_) | KeyRefusal::InvalidArn(_) => invalid(refusal.to_string()),
                _ => not_encrypted(refusal),
            },
        )?;
    let ciphertext = vault.seal_under(&key, &context(secret, id), &value.bytes);
    Ok(SecretVersion {
        scope: secret.scope.clone(),
        secret: secret.name.clone(),
        id: id.to_owned(),
        created_at: now,
        accessed_on: None,
        form: value.form,
        under: match name {
            None => Under::Default(key.id),
            Some(_) => Under::Key(key.id),
        },
        ciphertext: ciphertext.map_err(not_encrypted)?.into(),
    })
}

pub fn open(
    view: &impl View,
    secrets: &Secrets,
    secret: &Secret,
    version: &SecretVersion,
) -> Result<SecretValue, api::Error> {
    let context = context(secret, &version.id);
    let opened = secrets.vault.open(view, &secret.scope, &version.ciphertext, &context);
    let bytes = opened.map_err(not_decrypted)?.plaintext;
    Ok(SecretValue { form: version.form, bytes })
}

/// AWS: what KMS's audit shows of a secret, and what conditions on keys may be about.
fn context(secret: &Secret, version: &str) -> EncryptionContext {
    EncryptionContext::from([("SecretARN", secret.arn()), ("SecretVersionId", version.to_owned())])
}

fn not_encrypted(refusal: KeyRefusal) -> api::Error {
    api::Error::encryption_failure(format!(
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key: {refusal}"
    ))
}

fn not_decrypted(refusal: KeyRefusal) -> api::Error {
    api::Error::decryption_failure(format!(
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key: {refusal}"
    ))
}

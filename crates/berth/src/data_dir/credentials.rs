//! The administrator's access key.

use anyhow::{Context, Result, ensure};
use berth_aws_protocol::sigv4::Credentials;
use rand::TryRng;
use rand::rngs::SysRng;

use super::profile;

/// Upper-case base 32, as in AWS's own key ids.
const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// An access key id and its secret. Not `Debug`: a secret must not get into a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
}

impl AccessKey {
    /// `AKIA` and 16 letters; 40 letters of secret: 240 bits from the operating system.
    pub fn generate() -> Result<AccessKey> {
        let id = random_text(ID_ALPHABET, 16)?;
        let secret = random_text(SECRET_ALPHABET, 40)?;
        Ok(AccessKey { id: format!("AKIA{id}"), secret })
    }

    /// Reads AWS's shared-credentials format.
    pub fn parse(text: &str) -> Result<AccessKey> {
        let value = |key: &str| {
            let value =
                profile::value(text, key).with_context(|| format!("no {key} in [default]"))?;
            ensure!(!value.is_empty(), "{key} is empty");
            Ok(value.to_owned())
        };
        Ok(AccessKey { id: value("aws_access_key_id")?, secret: value("aws_secret_access_key")? })
    }

    pub fn render(&self) -> String {
        let AccessKey { id, secret } = self;
        format!(
            "# Berth's administrator. Whoever can read this file may do everything.\n\
             [default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"
        )
    }
}

/// For signing requests.
impl From<AccessKey> for Credentials {
    fn from(key: AccessKey) -> Credentials {
        Credentials { access_key_id: key.id, secret_access_key: key.secret, session_token: None }
    }
}

/// The alphabets' lengths divide 256, so that every letter is equally likely.
fn random_text(alphabet: &[u8], length: usize) -> Result<String> {
    let mut bytes = vec![0; length];
    SysRng.try_fill_bytes(&mut bytes).context("the operating system gives no randomness")?;
    Ok(bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
}

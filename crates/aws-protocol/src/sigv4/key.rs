//! Signing keys, and where a verifier gets them from.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{CredentialScope, TERMINATOR};

/// The key that signs for one access key within one scope. Good for a day, so it is worth caching.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey([u8; 32]);

/// Finds the signing key of an access key.
///
/// Asked once per request, with the whole scope, so that an implementation may keep derived keys by
/// `(access key id, scope)` instead of deriving them anew. It also decides about the session token,
/// which belongs to the key and not to the signature.
pub trait Keyring {
    fn signing_key(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        scope: &CredentialScope,
    ) -> Result<SigningKey, KeyRefusal>;
}

/// Why a keyring has no key to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// No such access key, an inactive one, or a session token that is not its own (or is missing).
    Unknown,
    /// Temporary credentials that were once good.
    Expired,
}

impl<F> Keyring for F
where
    F: Fn(&str, Option<&str>, &CredentialScope) -> Result<SigningKey, KeyRefusal>,
{
    fn signing_key(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        scope: &CredentialScope,
    ) -> Result<SigningKey, KeyRefusal> {
        self(access_key_id, session_token, scope)
    }
}

impl SigningKey {
    /// Four rounds of HMAC over the parts of the scope.
    pub fn derive(secret_access_key: &str, scope: &CredentialScope) -> Self {
        let secret = format!("AWS4{secret_access_key}");
        let date = hmac(secret.as_bytes(), scope.date.as_bytes());
        let region = hmac(&date, scope.region.as_bytes());
        let service = hmac(&region, scope.service.as_bytes());
        SigningKey(hmac(&service, TERMINATOR.as_bytes()))
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 32] {
        hmac(&self.0, text.as_bytes())
    }
}

/// Never shows the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(<hidden>)")
    }
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

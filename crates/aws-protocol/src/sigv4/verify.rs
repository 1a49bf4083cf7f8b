//! Decides whether a request was signed by a key that the keyring knows, recently, and not changed since.

use std::time::Duration;

use berth_model::Timestamp;
use bytes::Bytes;
use subtle::ConstantTimeEq;

use super::payload::Payload;
use super::{Claim, KeyRefusal, Keyring, SignatureError, canonical, instant};

#[cfg(test)]
mod tests;

/// How far a signer's clock may be off.
const SKEW: Duration = Duration::from_secs(15 * 60);
/// AWS: a presigned request lives as long as it says, so less is forgiven when it comes too early.
const PRESIGNED_SKEW: Duration = Duration::from_secs(5 * 60);

/// Who signed a request, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub access_key_id: String,
    pub session_token: Option<String>,
    pub region: String,
    pub service: String,
    pub signed_at: Timestamp,
    /// The body as the operation reads it: without `aws-chunked` framing.
    pub body: Bytes,
}

/// Verifies a request's signature, wherever it is.
pub fn verify(
    request: &http::Request<Bytes>,
    now: Timestamp,
    keyring: &impl Keyring,
) -> Result<Verified, SignatureError> {
    verify_claim(request, Claim::of(request)?, now, keyring)
}

/// The same for whoever has read the request's own claim already.
pub fn verify_claim(
    request: &http::Request<Bytes>,
    claim: Claim,
    now: Timestamp,
    keyring: &impl Keyring,
) -> Result<Verified, SignatureError> {
    check_age(&claim, now)?;
    let token = claim.session_token.as_deref();
    let key = keyring
        .signing_key(&claim.credential.access_key_id, token, &claim.credential.scope)
        .map_err(|refusal| match refusal {
            KeyRefusal::Unknown => SignatureError::UnknownKey,
            KeyRefusal::Expired => SignatureError::ExpiredToken,
        })?;
    let payload = Payload::announced(claim.content_sha256.as_deref())?;
    let hash = payload.hash(request.body());
    let service = &claim.credential.scope.service;
    let canonical_request = canonical::request(request, service, &claim.signed_headers, &hash);
    let date = instant::basic(claim.signed_at);
    let string_to_sign =
        canonical::string_to_sign(&date, &claim.credential.scope, &canonical_request);
    let expected = hex::encode(key.sign(&string_to_sign));
    if !bool::from(expected.as_bytes().ct_eq(claim.signature.as_bytes())) {
        return Err(SignatureError::Mismatch { canonical_request, string_to_sign });
    }
    let scope = claim.credential.scope;
    Ok(Verified {
        access_key_id: claim.credential.access_key_id,
        session_token: claim.session_token,
        region: scope.region,
        service: scope.service,
        signed_at: claim.signed_at,
        body: payload.unframed(request)?,
    })
}

impl Verified {
    /// A signature for one service is worth nothing at another.
    pub fn require_service(&self, signing_name: &str) -> Result<(), SignatureError> {
        if self.service == signing_name {
            return Ok(());
        }
        Err(SignatureError::Scope(format!(
            "Credential should be scoped to correct service: '{signing_name}'. "
        )))
    }
}

fn check_age(claim: &Claim, now: Timestamp) -> Result<(), SignatureError> {
    let (past, future) = match claim.expires_in {
        Some(expires_in) => (expires_in, PRESIGNED_SKEW),
        None => (SKEW, SKEW),
    };
    if now - past <= claim.signed_at && claim.signed_at <= now + future {
        return Ok(());
    }
    let [signed, present] = [claim.signed_at, now].map(instant::basic);
    if claim.signed_at < now - past {
        return Err(SignatureError::Expired(format!(
            "Signature expired: {signed} is now earlier than {} ({present} - {}.)",
            instant::basic(now - past),
            in_words(past)
        )));
    }
    Err(SignatureError::Expired(format!(
        "Signature not yet current: {signed} is still later than {} ({present} + {}.)",
        instant::basic(now + future),
        in_words(future)
    )))
}

fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} sec"),
    }
}

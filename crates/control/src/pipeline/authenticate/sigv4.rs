//! `--auth enforce`: every request is signed by a key that is known.

use std::sync::Arc;

use async_trait::async_trait;
use berth_aws_protocol::sigv4::{
    Claim, CredentialScope, KeyRefusal, SignatureError, SigningKey, verify_claim,
};
use berth_model::Timestamp;
use bytes::Bytes;
use http::Request;
use tokio_util::sync::CancellationToken;

use super::{
    Authenticated, AuthenticationError, Authenticator, Credential, CredentialSource, Expected,
};
use crate::pipeline::Principal;

/// Verifies Signature Version 4 against the credentials of one or several sources.
pub struct SigV4Authenticator {
    sources: Vec<Arc<dyn CredentialSource>>,
}

impl SigV4Authenticator {
    pub fn new(source: impl CredentialSource) -> Self {
        SigV4Authenticator { sources: vec![Arc::new(source)] }
    }

    /// Asked when the sources before it do not know a key.
    pub fn or(mut self, source: impl CredentialSource) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    async fn find(&self, claim: &Claim) -> Result<Credential, AuthenticationError> {
        let (id, token) = (&claim.credential.access_key_id, claim.session_token.as_deref());
        for source in &self.sources {
            match source.find(id, token).await {
                Ok(Some(credential)) => return Ok(credential),
                Ok(None) => {}
                Err(cause) => return Err(AuthenticationError::Broken(cause)),
            }
        }
        Err(SignatureError::UnknownKey.into())
    }
}

#[async_trait]
impl Authenticator for SigV4Authenticator {
    async fn authenticate(
        &self,
        request: &Request<Bytes>,
        expected: Expected,
        now: Timestamp,
    ) -> Result<Authenticated, AuthenticationError> {
        let claim = match Claim::of(request) {
            Err(SignatureError::Missing) if expected.unsigned => {
                return Ok(Authenticated::ANONYMOUS);
            }
            claim => claim?,
        };
        let credential = self.find(&claim).await?;
        let keyring = |_: &str, token: Option<&str>, scope: &CredentialScope| {
            signing_key(&credential, token, scope, now)
        };
        let verified = verify_claim(request, claim, now, &keyring)?;
        verified.require_service(expected.signing_name)?;
        Ok(Authenticated {
            region: Some(super::region(&verified.region)?),
            principal: Principal {
                kind: credential.holder,
                access_key_id: Some(verified.access_key_id.into()),
            },
            body: Some(verified.body),
        })
    }

    fn revocation(&self, principal: &Principal) -> Option<CancellationToken> {
        self.sources.iter().find_map(|source| source.revocation(&principal.kind))
    }
}

fn signing_key(
    credential: &Credential,
    token: Option<&str>,
    scope: &CredentialScope,
    now: Timestamp,
) -> Result<SigningKey, KeyRefusal> {
    // A guessed token is worth nothing without the secret, so there is no need for constant time.
    if credential.session_token.as_deref() != token {
        return Err(KeyRefusal::Unknown);
    }
    if credential.expires_at.is_some_and(|end| end <= now) {
        return Err(KeyRefusal::Expired);
    }
    Ok(credential.secret_access_key.signing_key(scope))
}

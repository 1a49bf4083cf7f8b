//! Who sent a request: the question, and two ways to answer it.
//!
//! Nothing here decides what the sender may do (`authorise.rs`).

mod credentials;
mod open;
mod secret_key;
mod sigv4;

use async_trait::async_trait;
use berth_aws_protocol::sigv4::SignatureError;
use berth_model::{Region, Timestamp};
use bytes::Bytes;
use http::Request;
use tokio_util::sync::CancellationToken;

pub use credentials::{Credential, CredentialSource, StaticCredentials};
pub use open::OpenAuthenticator;
pub use secret_key::SecretKey;
pub use sigv4::SigV4Authenticator;

use super::Principal;

/// Finds out who sent a request.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    async fn authenticate(
        &self,
        request: &Request<Bytes>,
        expected: Expected,
        now: Timestamp,
    ) -> Result<Authenticated, AuthenticationError>;

    /// Cancelled when what this sender proved holds no longer, for web sockets, which outlive the proof. `None`: it
    /// holds for ever.
    fn revocation(&self, _principal: &Principal) -> Option<CancellationToken> {
        None
    }
}

/// What the addressed operation expects of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The service that the credential's scope must name.
    pub signing_name: &'static str,
    /// The operation is also served without a signature.
    pub unsigned: bool,
}

/// What a request's signature tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticated {
    pub principal: Principal,
    /// The region that was signed for; `None` leaves it to the endpoint's default.
    pub region: Option<Region>,
    /// The body without the framing that some signers add; `None` when it is the request's own.
    pub body: Option<Bytes>,
}

/// Why a request is not believed.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    #[error(transparent)]
    Refused(#[from] SignatureError),
    /// The credentials could not be looked up: our fault.
    #[error("credentials could not be looked up: {0}")]
    Broken(anyhow::Error),
}

impl Authenticated {
    /// Nobody in particular, without a word about the region.
    pub const ANONYMOUS: Authenticated =
        Authenticated { principal: Principal::ANONYMOUS, region: None, body: None };
}

/// The region of a credential scope. A malformed one cannot have been meant.
fn region(name: &str) -> Result<Region, SignatureError> {
    name.parse().map_err(|_| {
        SignatureError::Scope(format!(
            "Credential should be scoped to a valid region, not '{name}'."
        ))
    })
}

//! Signature Version 4: who sent a request, and that nobody changed it on the way.
//!
//! ```
//! # use berth_aws_protocol::sigv4::*;
//! # use berth_model::Timestamp;
//! # use bytes::Bytes;
//! let now = Timestamp::from_millis(1_795_252_450_000);
//! let credentials = Credentials::new("AKIDEXAMPLE", "secret");
//! let mut request = http::Request::post("http://localhost:4566/").body(Bytes::from("{}")).unwrap();
//! Signer::new(&credentials, "eu-west-1", "ecs").sign(&mut request, now).unwrap();
//!
//! let keys = |_id: &str, _token: Option<&str>, scope: &CredentialScope| -> Result<SigningKey, KeyRefusal> {
//!     Ok(SigningKey::derive("secret", scope))
//! };
//! let verified = verify(&request, now, &keys).unwrap();
//! assert_eq!((verified.access_key_id.as_str(), verified.region.as_str()), ("AKIDEXAMPLE", "eu-west-1"));
//! ```
//!
//! Both sides share [`canonical`], the text that is signed. Nothing here knows where secrets are kept
//! (the [`Keyring`] is handed in), reads a clock, or decides what the sender may do. Of Amazon S3's own
//! ways only the path's is spoken. Start with [`verify()`].

pub mod canonical;
mod claim;
mod error;
mod instant;
mod key;
mod payload;
mod scope;
mod sign;
mod verify;

pub use claim::Claim;
pub use error::SignatureError;
pub use key::{KeyRefusal, Keyring, SigningKey};
pub use payload::PayloadError;
pub use scope::{Credential, CredentialScope};
pub use sign::{Credentials, SignError, Signer};
pub use verify::{Verified, verify, verify_claim};

/// The only algorithm that is spoken.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What ends every credential scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

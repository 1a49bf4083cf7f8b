//! The body under a signature: its hash in the canonical request, and the `aws-chunked` framing that
//! carries a checksum behind the body instead of a hash before it.

mod chunked;
mod crc;

use bytes::Bytes;

use super::SignatureError;
use super::canonical::sha256_hex;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const UNSIGNED_CHUNKED: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// What is wrong with a body whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The framing is broken; the text says where.
    #[error("The body is not a valid aws-chunked stream: {0}.")]
    Framing(String),
    /// The body differs from what its trailer or its announced length says.
    #[error("{0}")]
    Digest(String),
    #[error("{0}")]
    Unsupported(String),
}

impl PayloadError {
    pub fn code(&self) -> &'static str {
        match self {
            PayloadError::Framing(_) => "IncompleteBody",
            PayloadError::Digest(_) => "BadDigest",
            PayloadError::Unsupported(_) => "InvalidRequest",
        }
    }
}

/// How the body takes part in the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Signed,
    Unsigned,
    Chunked,
}

impl Payload {
    /// By the value of `X-Amz-Content-Sha256`. A hash in it is not believed: the body's own is used, so a
    /// wrong one never matches.
    pub fn announced(content_sha256: Option<&str>) -> Result<Self, SignatureError> {
        match content_sha256 {
            Some(UNSIGNED) => Ok(Payload::Unsigned),
            Some(UNSIGNED_CHUNKED) => Ok(Payload::Chunked),
            Some(other) if other.starts_with("STREAMING-") => Err(PayloadError::Unsupported(format!(
                "The value '{other}' of the x-amz-content-sha256 header is not supported: send the payload's SHA-256, {UNSIGNED} or {UNSIGNED_CHUNKED}."
            ))
            .into()),
            _ => Ok(Payload::Signed),
        }
    }

    /// The last line of the canonical request.
    pub fn hash(self, body: &[u8]) -> String {
        match self {
            Payload::Signed => sha256_hex(body),
            Payload::Unsigned => UNSIGNED.to_owned(),
            Payload::Chunked => UNSIGNED_CHUNKED.to_owned(),
        }
    }

    /// The body without its framing, checked against the checksum in its trailer.
    pub fn unframed(self, request: &http::Request<Bytes>) -> Result<Bytes, PayloadError> {
        match self {
            Payload::Signed | Payload::Unsigned => Ok(request.body().clone()),
            Payload::Chunked => chunked::decode(request),
        }
    }
}

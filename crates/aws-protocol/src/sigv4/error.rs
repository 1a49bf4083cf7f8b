//! Why a signature is refused, in AWS's codes and words.

use crate::{ErrorHead, Protocol};
use berth_aws_api::Fault;

use super::payload::PayloadError;

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("Missing Authentication Token")]
    Missing,
    /// A part of the signature is absent, doubled or unreadable; the text says which.
    #[error("{0}")]
    Incomplete(String),
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    #[error("The security token included in the request is expired")]
    ExpiredToken,
    /// Signed too long ago, or ahead of our time.
    #[error("{0}")]
    Expired(String),
    /// Signed for another day, region or service, or without a header that must be signed.
    #[error("{0}")]
    Scope(String),
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
    )]
    Mismatch { canonical_request: String, string_to_sign: String },
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

impl SignatureError {
    pub(super) fn incomplete(text: &str) -> Self {
        Self::Incomplete(text.to_owned())
    }

    /// Code and status, which differ by wire.
    ///
    /// AWS: EC2 has its own codes, Query services answer 403 without the word `Exception`, JSON and
    /// CBOR services 400 with it, REST services 403 with it.
    pub fn head(&self, protocol: Protocol) -> ErrorHead {
        let (query, ec2, other) = match self {
            Self::Missing => (
                "MissingAuthenticationToken",
                ("MissingAuthenticationToken", 403),
                "MissingAuthenticationTokenException",
            ),
            Self::Incomplete(_) => (
                "IncompleteSignature",
                ("IncompleteSignature", 400),
                "IncompleteSignatureException",
            ),
            Self::UnknownKey => {
                ("InvalidClientTokenId", ("AuthFailure", 401), "UnrecognizedClientException")
            }
            Self::ExpiredToken => {
                ("ExpiredToken", ("RequestExpired", 400), "ExpiredTokenException")
            }
            Self::Expired(_) => {
                ("SignatureDoesNotMatch", ("RequestExpired", 400), "InvalidSignatureException")
            }
            Self::Scope(_) | Self::Mismatch { .. } => (
                "SignatureDoesNotMatch",
                ("SignatureDoesNotMatch", 403),
                "InvalidSignatureException",
            ),
            Self::Payload(error) => (error.code(), (error.code(), 400), error.code()),
        };
        let (code, status) = match protocol {
            Protocol::Ec2Query => ec2,
            Protocol::Query if matches!(self, Self::Incomplete(_) | Self::Payload(_)) => {
                (query, 400)
            }
            Protocol::Query => (query, 403),
            Protocol::RestJson1 => (other, 403),
            Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RpcV2Cbor => (other, 400),
        };
        ErrorHead { code: code.into(), status, fault: Fault::Client, message: self.to_string() }
    }
}

//! The fingerprint by which an authority is known: SHA-256 of its public key, in hexadecimal digits.
//!
//! `openssl x509 -pubkey -noout <ca.pem | openssl pkey -pubin -outform der | sha256sum` says the same.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("64 hexadecimal digits expected, the SHA-256 of a certificate authority's public key")]
pub struct NoPin;

impl Pin {
    /// Of a certificate's key; none if it is no certificate.
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Pin> {
        let key = ParsedCertificate::try_from(certificate).ok()?.subject_public_key_info();
        digest(&SHA256, key.as_ref()).as_ref().try_into().ok().map(Pin)
    }
}

impl FromStr for Pin {
    type Err = NoPin;

    fn from_str(text: &str) -> Result<Self, NoPin> {
        let bytes = hex::decode(text).map_err(|_| NoPin)?;
        bytes.try_into().map(Pin).map_err(|_| NoPin)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

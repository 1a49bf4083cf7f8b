//! Whether a server's certificate is believed: it leads to an authority that is known by its certificate, or by its
//! fingerprint and shown in the same handshake. Name and dates are checked in either case.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use super::{Learn, Pin};

pub(super) struct Verifier {
    known: Option<Arc<WebPkiServerVerifier>>,
    pins: Vec<Pin>,
    learn: Option<Learn>,
    provider: CryptoProvider,
}

impl Verifier {
    pub fn new(
        known: Option<Arc<WebPkiServerVerifier>>,
        pins: Vec<Pin>,
        learn: Option<Learn>,
    ) -> Self {
        Self { known, pins, learn, provider: ring::default_provider() }
    }

    /// The authority among the certificates shown that was known by its fingerprint.
    fn pinned<'a>(&self, shown: &'a [CertificateDer<'a>]) -> Option<&'a CertificateDer<'a>> {
        shown.iter().find(|shown| Pin::of(shown).is_some_and(|pin| self.pins.contains(&pin)))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let refusal = match self.known.as_deref().map(by) {
            Some(Ok(verified)) => return Ok(verified),
            Some(Err(error)) => Some(error),
            None => None,
        };
        if let Some(authority) = self.pinned(intermediates) {
            let mut roots = RootCertStore::empty();
            roots.add(authority.clone().into_owned())?;
            let verifier = of_roots(roots).map_err(|error| Error::General(error.to_string()))?;
            let verified = by(&verifier)?;
            if let Some(learn) = &self.learn {
                learn(&pem(authority));
            }
            return Ok(verified);
        }
        Err(match refusal {
            Some(refusal) if !is_of_a_stranger(&refusal) => refusal,
            _ => Error::Other(OtherError(Arc::new(Stranger))),
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("pins", &self.pins).finish_non_exhaustive()
    }
}

/// Signed by nobody who is known, or not by whom it names.
fn is_of_a_stranger(refusal: &Error) -> bool {
    let why = match refusal {
        Error::InvalidCertificate(why) => why,
        _ => return false,
    };
    matches!(why, CertificateError::UnknownIssuer | CertificateError::BadSignature)
}

/// What to do about it depends on what has happened, which only people know.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server's certificate is not of an authority that this host was told to trust: if the server was given a \
     certificate, name its authority with --ca-file; if it began anew with an authority of its own, join with a new \
     token; if neither, somebody else answers there"
)]
struct Stranger;

/// There must be at least one.
pub(super) fn of_roots(roots: RootCertStore) -> anyhow::Result<Arc<WebPkiServerVerifier>> {
    let provider = Arc::new(ring::default_provider());
    Ok(WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?)
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let digits = STANDARD.encode(certificate);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text + "-----END CERTIFICATE-----\n"
}

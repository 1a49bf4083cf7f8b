//! Whom this host believes to be its control plane.
//!
//! Authorities are known by their certificates, from files; or one is known by its fingerprint alone, from the token that a host
//! joins by. Such a one is learned from the first handshake, in which a server of ours shows it: so nobody has to bring a file to
//! a new host, and the first contact is as safe as every later one. Who is told of nobody believes nobody: the authorities
//! of browsers are not asked, unless they are given.
//!
//! Start with [`Trust`]; `verifier.rs` decides.

mod pin;
#[cfg(test)]
pub(crate) mod tests;
mod verifier;

use std::fmt;
use std::io;
use std::sync::Arc;

use anyhow::{Context, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

pub use pin::{NoPin, Pin};
use verifier::Verifier;

/// Takes the certificate, in PEM, of an authority that was known by its fingerprint.
type Learn = Arc<dyn Fn(&str) + Send + Sync>;

/// Authorities whose servers are believed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Trust {
    authorities: Vec<CertificateDer<'static>>,
    pins: Vec<Pin>,
    learn: Option<Learn>,
}

impl Trust {
    /// In nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds every authority in a PEM file's text.
    pub fn with_authorities(mut self, pem: &[u8]) -> anyhow::Result<Self> {
        let before = self.authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.authorities.push(certificate.context("this is no PEM")?);
        }
        ensure!(self.authorities.len() > before, "there is no certificate in it");
        // What is no authority is said now, and not at the first connection.
        self.known()?;
        Ok(self)
    }

    /// Adds the authority of this fingerprint.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.pins.push(pin);
        self
    }

    /// Hands over the certificate of an authority that was known by its fingerprint, each time it is seen.
    #[must_use]
    pub fn learning(self, learn: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { learn: Some(Arc::new(learn)), ..self }
    }

    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.pins.is_empty()
    }

    /// For connections to servers that are to be believed.
    pub(crate) fn client_config(&self) -> anyhow::Result<Arc<ClientConfig>> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(self.known()?, self.pins.clone(), self.learn.clone());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }

    fn known(&self) -> anyhow::Result<Option<Arc<WebPkiServerVerifier>>> {
        if self.authorities.is_empty() {
            return Ok(None);
        }
        let mut roots = RootCertStore::empty();
        for certificate in &self.authorities {
            roots.add(certificate.clone()).context("a certificate in it is no authority's")?;
        }
        Ok(Some(verifier::of_roots(roots)?))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("authorities", &self.authorities.len())
            .field("pins", &self.pins)
            .finish_non_exhaustive()
    }
}

/// Whether somebody answered who is not believed: to ask again helps nothing.
pub(crate) fn is_distrust(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is_distrust_within))
}

/// An I/O error does not count what it wraps among its causes.
fn is_distrust_within(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return false };
    match inner.downcast_ref::<rustls::Error>() {
        Some(error) => {
            matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::Other(_))
        }
        None => inner.downcast_ref().is_some_and(is_distrust_within),
    }
}

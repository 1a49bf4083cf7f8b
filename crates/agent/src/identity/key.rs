//! The host's key pair. The private half never leaves the host.

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// Ed25519. Not `Debug`: it is a secret.
pub(super) struct HostKey {
    pair: Ed25519KeyPair,
    /// PKCS #8, as it is kept.
    document: Vec<u8>,
}

impl HostKey {
    pub(super) fn generate() -> anyhow::Result<Self> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| anyhow!("the operating system gives no randomness"))?;
        Self::parse(document.as_ref().to_vec())
    }

    pub(super) fn parse(document: Vec<u8>) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&document)
            .map_err(|reason| anyhow!("the key of this host is damaged: {reason}"))?;
        Ok(Self { pair, document })
    }

    pub(super) fn document(&self) -> &[u8] {
        &self.document
    }

    /// 32 bytes in base 64.
    pub(super) fn public_key(&self) -> String {
        STANDARD.encode(self.pair.public_key())
    }

    /// 64 bytes in base 64.
    pub(super) fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.pair.sign(text.as_bytes()))
    }
}

//! The key outside of the store.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE};
use crate::env::IdSource;

/// What a data key is wrapped for: a wrapped key is no sealed secret.
const BOUND: &[u8] = b"data-key";

/// Wraps data keys. The seam for a key management service or a hardware module.
#[async_trait]
pub trait RootKey: Send + Sync + 'static {
    /// With the newest key.
    async fn wrap(&self, key: &[u8; 32]) -> anyhow::Result<Wrapped>;

    async fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<[u8; 32]>, Unwrapping>;

    /// Whether the newest key has wrapped it.
    fn is_newest(&self, wrapped: &Wrapped) -> bool;
}

/// A data key as the store has it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wrapped {
    /// Which root key opens it.
    #[n(0)]
    pub by: String,
    #[n(1)]
    pub bytes: ByteVec,
}

/// Why a data key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unwrapping {
    #[error("it was wrapped by root key `{0}`, which is not among those given")]
    UnknownKey(String),
    #[error("root key `{0}` does not open it: it is damaged, or the key is another of that name")]
    Refused(String),
    /// What holds the root key does not answer.
    #[error("the root key cannot be asked: {0}")]
    Broken(anyhow::Error),
}

/// Root keys in this process's memory, from lines of text: `NAME BASE64`, the newest last.
pub struct LocalRootKeys {
    ids: Box<dyn IdSource>,
    ciphers: BTreeMap<String, Cipher>,
    newest: String,
}

/// Why a text has no root keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRootKeys {
    #[error("there is no root key in it")]
    Empty,
    #[error("line {0} is not a name and 32 bytes in base64")]
    Malformed(usize),
    #[error("line {0} names a root key a second time")]
    Twice(usize),
}

impl LocalRootKeys {
    pub fn parse(text: &str, ids: impl IdSource) -> Result<Self, NoRootKeys> {
        let mut ciphers = BTreeMap::new();
        let mut newest = None;
        for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let malformed = NoRootKeys::Malformed(number);
            let mut words = line.split_whitespace();
            let (Some(name), Some(key), None) = (words.next(), words.next(), words.next()) else {
                return Err(malformed);
            };
            let Ok(key) = BASE64.decode(key).map(Zeroizing::new) else { return Err(malformed) };
            let Ok(key) = key.as_slice().try_into() else { return Err(malformed) };
            if ciphers.insert(name.to_owned(), Cipher::new(key)).is_some() {
                return Err(NoRootKeys::Twice(number));
            }
            newest = Some(name.to_owned());
        }
        let newest = newest.ok_or(NoRootKeys::Empty)?;
        Ok(LocalRootKeys { ids: Box::new(ids), ciphers, newest })
    }

    /// A line with a new key.
    pub fn new_line(name: &str, ids: &dyn IdSource) -> Zeroizing<String> {
        let mut key = Zeroizing::new([0; 32]);
        ids.fill(&mut *key);
        Zeroizing::new(format!("{name} {}\n", *Zeroizing::new(BASE64.encode(*key))))
    }

    /// The name of the key that wraps.
    pub fn newest(&self) -> &str {
        &self.newest
    }
}

#[async_trait]
impl RootKey for LocalRootKeys {
    async fn wrap(&self, key: &[u8; 32]) -> anyhow::Result<Wrapped> {
        let mut nonce = [0; NONCE];
        self.ids.fill(&mut nonce);
        let wrapped = self.ciphers[&self.newest].seal(nonce, BOUND, key);
        let bytes = [&nonce[..], &wrapped].concat().into();
        Ok(Wrapped { by: self.newest.clone(), bytes })
    }

    async fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<[u8; 32]>, Unwrapping> {
        let name = || wrapped.by.clone();
        let cipher = self.ciphers.get(&wrapped.by).ok_or_else(|| Unwrapping::UnknownKey(name()))?;
        let (nonce, sealed) = wrapped
            .bytes
            .split_first_chunk::<NONCE>()
            .ok_or_else(|| Unwrapping::Refused(name()))?;
        let key = cipher.unseal(*nonce, BOUND, sealed);
        let key = key.as_deref().and_then(|key| key.as_slice().try_into().ok());
        key.map(Zeroizing::new).ok_or_else(|| Unwrapping::Refused(name()))
    }

    fn is_newest(&self, wrapped: &Wrapped) -> bool {
        wrapped.by == self.newest
    }
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrapped").field("by", &self.by).finish_non_exhaustive()
    }
}

impl fmt::Debug for LocalRootKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRootKeys").field("newest", &self.newest).finish_non_exhaustive()
    }
}

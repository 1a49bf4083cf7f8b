//! A secret that only its sealer can read: what tables hold.

use std::fmt;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::cipher::NONCE;

/// The form of the bytes below; another one gets another number.
const FORM: u8 = 1;
const HEAD: usize = 1 + 4 + NONCE;

/// Form, data key's number, nonce, then the secret with its tag.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Sealed(#[n(0)] ByteVec);

impl Sealed {
    pub(super) fn new(key: u32, nonce: [u8; NONCE], secret: Vec<u8>) -> Self {
        let mut bytes = Vec::with_capacity(HEAD + secret.len());
        bytes.push(FORM);
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&secret);
        Sealed(bytes.into())
    }

    /// `None`: these are no bytes that a sealer has made.
    pub(super) fn parts(&self) -> Option<(u32, [u8; NONCE], &[u8])> {
        let rest = self.0.strip_prefix(&[FORM])?;
        let (number, rest) = rest.split_first_chunk::<4>()?;
        let (nonce, secret) = rest.split_first_chunk::<NONCE>()?;
        Some((u32::from_be_bytes(*number), *nonce, secret))
    }

    /// The number of the data key that sealed it; `None` for what no sealer has made.
    pub fn key(&self) -> Option<u32> {
        self.parts().map(|(number, _, _)| number)
    }

    /// For what leaves the store sealed, such as a token.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What came back. Whether it is anything, unsealing tells.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Sealed(bytes.into())
    }
}

/// Nobody learns anything from it, and logs are not made for it.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

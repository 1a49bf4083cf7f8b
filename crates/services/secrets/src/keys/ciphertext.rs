//! The form of a ciphertext: what it says in the open, before the bytes that only its key opens.

use crate::tables::KeyId;

/// Another form gets another number.
const FORM: u8 = 1;
pub const SALT: usize = 16;
pub const NONCE: usize = 12;
const LENGTH: usize = 1 + 16 + 4 + SALT + NONCE;

/// In front of every ciphertext, and authenticated with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub key: KeyId,
    /// The version of its material.
    pub version: u32,
    /// Makes of the material a key for this ciphertext alone.
    pub salt: [u8; SALT],
    pub nonce: [u8; NONCE],
}

impl Head {
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.push(FORM);
        out.extend_from_slice(&self.key.0);
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.nonce);
    }

    /// The head and what follows it; `None` for what no vault has made.
    pub fn parse(ciphertext: &[u8]) -> Option<(Head, &[u8])> {
        let (head, sealed) = ciphertext.split_first_chunk::<LENGTH>()?;
        let rest = head.strip_prefix(&[FORM])?;
        let (key, rest) = rest.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (salt, nonce) = rest.split_first_chunk()?;
        let version = u32::from_be_bytes(*version);
        Some((
            Head { key: KeyId(*key), version, salt: *salt, nonce: nonce.try_into().ok()? },
            sealed,
        ))
    }
}

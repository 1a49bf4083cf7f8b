//! What a ciphertext is about: it opens only with the same context. No secret.

use std::collections::BTreeMap;

/// AWS: pairs in any order, compared byte by byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// One pair.
    pub fn of(name: &str, value: impl Into<String>) -> Self {
        EncryptionContext(BTreeMap::from([(name.to_owned(), value.into())]))
    }

    /// Each text with its length, so that no two contexts are the same bytes.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.0 {
            for text in [name, value] {
                out.extend_from_slice(&(text.len() as u64).to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
}

impl From<Option<BTreeMap<String, String>>> for EncryptionContext {
    fn from(pairs: Option<BTreeMap<String, String>>) -> Self {
        EncryptionContext(pairs.unwrap_or_default())
    }
}

impl<const N: usize> From<[(&str, String); N]> for EncryptionContext {
    fn from(pairs: [(&str, String); N]) -> Self {
        EncryptionContext(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

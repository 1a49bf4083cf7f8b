//! AES-256-GCM with one key.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

pub(super) const NONCE: usize = 12;

/// "Less safe" since it takes any nonce: ours are random, and no key seals 2^32 times.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has the cipher's length");
        Cipher(LessSafeKey::new(key))
    }

    pub fn seal(&self, nonce: [u8; NONCE], bound: &[u8], secret: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(secret);
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound),
                &mut bytes,
            )
            .expect("only 64 GiB are too much");
        bytes
    }

    pub fn unseal(
        &self,
        nonce: [u8; NONCE],
        bound: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.0.open_in_place(nonce, Aad::from(bound), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

//! Whether a request was signed by the private half of a host's key.

use ring::signature::{ED25519, UnparsedPublicKey};

pub fn is_signed_by(public_key: &[u8; 32], text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(text.as_bytes(), signature).is_ok()
}

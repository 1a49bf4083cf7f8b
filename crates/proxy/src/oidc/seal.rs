//! What a client keeps for its balancer, and can neither read nor change.
//!
//! AES-256-GCM, each time under another key: HKDF makes it of the balancer's key and a random salt. So no key seals
//! twice, however many proxies seal at once and however often anybody asks for something sealed.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

const SALT: usize = 16;

/// The key that all proxies of a balancer have.
pub(super) struct SessionKey([u8; 32]);

/// What something is sealed as: it opens as nothing else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Session,
    State,
}

impl SessionKey {
    pub(super) fn new(key: [u8; 32]) -> SessionKey {
        SessionKey(key)
    }

    /// `bound` has to be known to whoever opens it.
    pub(super) fn seal(&self, kind: Kind, bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let salt: [u8; SALT] = rand::random();
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = Vec::with_capacity(SALT + NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let body = &mut sealed[SALT + NONCE_LEN..];
        let tag = self
            .key(&salt, kind)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), body)
            .expect("only 64 GiB are too much");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    pub(super) fn open(&self, kind: Kind, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = sealed.split_first_chunk::<SALT>()?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = self.key(salt, kind);
        let length = key.open_in_place(nonce, Aad::from(bound), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    fn key(&self, salt: &[u8; SALT], kind: Kind) -> LessSafeKey {
        let info: &[u8] = match kind {
            Kind::Session => b"berth oidc session",
            Kind::State => b"berth oidc state",
        };
        let extracted = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let info = [info];
        let key = extracted.expand(&info, &AES_256_GCM).expect("a key of a cipher is short");
        LessSafeKey::new(UnboundKey::from(key))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, SessionKey};

    #[test]
    fn what_is_changed_or_of_another_kind_does_not_open() {
        let key = SessionKey::new([7; 32]);
        let sealed = key.seal(Kind::Session, b"bound", b"plain");
        assert_eq!(key.open(Kind::Session, b"bound", &sealed).as_deref(), Some(&b"plain"[..]));
        assert_ne!(sealed, key.seal(Kind::Session, b"bound", b"plain"), "never the same twice");
        assert!(key.open(Kind::State, b"bound", &sealed).is_none());
        assert!(key.open(Kind::Session, b"other", &sealed).is_none());
        assert!(SessionKey::new([8; 32]).open(Kind::Session, b"bound", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key.open(Kind::Session, b"bound", &changed).is_none(), "byte {place}");
            assert!(key.open(Kind::Session, b"bound", &sealed[..place]).is_none(), "up to {place}");
        }
    }
}

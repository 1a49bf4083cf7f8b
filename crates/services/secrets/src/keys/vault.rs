//! Encrypts and decrypts under keys of the tables.
//!
//! AES-256-GCM, as KMS does it: each ciphertext has a key of its own, derived from the material, so there is no
//! number of messages after which a key is used up.

use berth_control::env::Env;
use berth_control::sealing::Sealer;
use berth_control::tables::View;
use berth_model::Scope;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::ciphertext::Head;
use super::{EncryptionContext, KeyRefusal};
use crate::tables::{Key, KeyId, KeyState, Made, Material};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault {
    sealer: Sealer,
    env: VaultEnv,
}

/// Says nothing of itself.
#[derive(Clone)]
struct VaultEnv(Env);

/// What was in a ciphertext, and what opened it.
pub struct Opened<'v> {
    pub key: &'v Key,
    pub version: u32,
    pub plaintext: Zeroizing<Vec<u8>>,
}

impl Vault {
    pub fn new(sealer: Sealer, env: Env) -> Self {
        Vault { sealer, env: VaultEnv(env) }
    }

    /// Encrypts under the newest version of a key, which must be enabled.
    pub fn seal_under(
        &self,
        key: &Key,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyRefusal> {
        usable(key)?;
        let material = key.current();
        let (mut salt, mut nonce) = ([0; _], [0; _]);
        self.env.0.ids.fill(&mut salt);
        self.env.0.ids.fill(&mut nonce);
        let head = Head { key: key.id, version: material.number, salt, nonce };
        let mut ciphertext = Vec::new();
        head.write_to(&mut ciphertext);
        let mut sealed = Zeroizing::new(plaintext.to_vec());
        self.cipher(key, material, &head)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound(&ciphertext, context)),
                &mut *sealed,
            )
            .expect("only 64 GiB are too much");
        ciphertext.extend_from_slice(&sealed);
        Ok(ciphertext)
    }

    /// Decrypts with whichever key and version it was encrypted under.
    pub fn open<'v>(
        &self,
        view: &'v impl View,
        scope: &Scope,
        ciphertext: &[u8],
        context: &EncryptionContext,
    ) -> Result<Opened<'v>, KeyRefusal> {
        let (head, sealed) = Head::parse(ciphertext).ok_or(KeyRefusal::InvalidCiphertext)?;
        let key = view.get::<Key>(&(scope.clone(), head.key.0));
        let key = key.ok_or(KeyRefusal::InvalidCiphertext)?;
        let is_of_head = |material: &&Material| material.number == head.version;
        let material = key.material.iter().find(is_of_head).ok_or(KeyRefusal::InvalidCiphertext)?;
        usable(key)?;
        let in_the_open = &ciphertext[..ciphertext.len() - sealed.len()];
        let mut plaintext = Zeroizing::new(sealed.to_vec());
        let length = self
            .cipher(key, material, &head)?
            .open_in_place(
                Nonce::assume_unique_for_key(head.nonce),
                Aad::from(bound(in_the_open, context)),
                &mut plaintext,
            )
            .map_err(|_| KeyRefusal::InvalidCiphertext)?
            .len();
        plaintext.truncate(length);
        Ok(Opened { key, version: head.version, plaintext })
    }

    /// Random bytes that are as secret as a key.
    pub fn random(&self, length: usize) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        self.env.0.ids.fill(&mut bytes);
        bytes
    }

    /// A new version of a key's material.
    pub(super) fn new_material(&self, id: KeyId, number: u32, made: Made) -> Material {
        let of = Key::purpose_of(id, number);
        let sealed = self.sealer.seal(Key::purpose(&of), &self.random(32));
        Material { number, made_at: self.env.0.now(), made, sealed }
    }

    fn cipher(
        &self,
        key: &Key,
        material: &Material,
        head: &Head,
    ) -> Result<LessSafeKey, KeyRefusal> {
        let of = Key::purpose_of(key.id, material.number);
        let secret = self.sealer.unseal(Key::purpose(&of), &material.sealed);
        let secret = secret.map_err(KeyRefusal::Damaged)?;
        let derived = Salt::new(HKDF_SHA256, &head.salt).extract(&secret);
        let okm = derived.expand(&[b"berth-kms"], &AES_256_GCM);
        let okm = okm.expect("a cipher's key is shorter than what can be derived");
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }
}

/// The key that a ciphertext says it is under.
pub fn key_of<'v>(view: &'v impl View, scope: &Scope, ciphertext: &[u8]) -> Option<&'v Key> {
    let (head, _) = Head::parse(ciphertext)?;
    view.get::<Key>(&(scope.clone(), head.key.0))
}

/// AWS: every use of a key needs it enabled.
fn usable(key: &Key) -> Result<(), KeyRefusal> {
    match key.state {
        KeyState::Enabled => Ok(()),
        KeyState::Disabled => Err(KeyRefusal::Disabled(key.arn())),
        KeyState::PendingDeletion { .. } => Err(KeyRefusal::PendingDeletion(key.arn())),
    }
}

/// What is authenticated beside the plaintext.
fn bound(head: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut bound = head.to_vec();
    context.write_to(&mut bound);
    bound
}

impl std::fmt::Debug for VaultEnv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultEnv")
    }
}

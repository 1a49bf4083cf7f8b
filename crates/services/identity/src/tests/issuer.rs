//! An issuer of OpenID Connect tokens: a key on the curve P-256, and what it signs.

use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

struct Issuer {
    key: EcdsaKeyPair,
    /// Gone with the process.
    folder: tempfile::TempDir,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("there is randomness");
    let key = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).expect("it was just made");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let point = &key.public_key().as_ref()[1..];
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let keys = json!({"keys": [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
         "x": part(&point[..32]), "y": part(&point[32..])},
    ]});
    std::fs::write(folder.path().join("keys.json"), keys.to_string()).expect("it can be written");
    Issuer { key, folder }
});

/// Where its public keys are.
pub fn key_file() -> PathBuf {
    ISSUER.folder.path().join("keys.json")
}

/// A token that says this.
pub fn token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": "ES256", "kid": "1"})), part(claims));
    let signature = ISSUER.key.sign(&SystemRandom::new(), text.as_bytes()).expect("it can sign");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

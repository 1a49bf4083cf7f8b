//! An issuer of OpenID Connect tokens: a key on the curve P-256 and an RSA key, and what they sign.

use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};

/// Of tests alone: an RSA key takes too long to make for each.
const RSA_KEY: &str = include_str!("issuer/rsa_key.base64");

struct Issuer {
    key: EcdsaKeyPair,
    rsa: RsaKeyPair,
    /// Gone with the process.
    folder: tempfile::TempDir,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("there is randomness");
    let key = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).expect("it was just made");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let point = &key.public_key().as_ref()[1..];
    let rsa = STANDARD.decode(RSA_KEY.split_whitespace().collect::<String>()).expect("base64");
    let rsa = RsaKeyPair::from_pkcs8(&rsa).expect("it is a key");
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(rsa.public());
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let keys = json!({"keys": [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
         "x": part(&point[..32]), "y": part(&point[32..])},
        {"kty": "RSA", "kid": "2", "use": "sig", "alg": "RS256",
         "n": part(&public.n), "e": part(&public.e)},
    ]});
    std::fs::write(folder.path().join("keys.json"), keys.to_string()).expect("it can be written");
    Issuer { key, rsa, folder }
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

/// The same signed by the RSA key, and said to be signed in this way by this key.
pub fn rsa_token(claims: &Value, algorithm: &str, id: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": algorithm, "kid": id})), part(claims));
    let mut signature = vec![0; ISSUER.rsa.public().modulus_len()];
    let signed =
        ISSUER.rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
    signed.expect("it can sign");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

//! A JSON Web Key Set (RFC 7517), as far as issuers of tokens use it: RSA keys, and keys on the curve P-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

pub struct KeySet(Vec<Key>);

struct Key {
    /// `None` signs whatever names no key.
    id: Option<String>,
    public: Public,
}

enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// A point, uncompressed.
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct File {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Keys of other kinds, or for other purposes, are passed over.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File =
            serde_json::from_str(text).map_err(|error| format!("no key set: {error}"))?;
        let keys: Vec<Key> = file.keys.into_iter().filter_map(Jwk::key).collect();
        match keys.is_empty() {
            true => Err("no RSA key and no P-256 key for signatures is among them".to_owned()),
            false => Ok(Self(keys)),
        }
    }

    /// Whether one of the keys that may have made it has made this signature.
    pub fn verifies(
        &self,
        algorithm: &str,
        id: Option<&str>,
        text: &[u8],
        signature: &[u8],
    ) -> bool {
        let may = |key: &&Key| id.is_none() || key.id.is_none() || key.id.as_deref() == id;
        self.0.iter().filter(may).any(|key| match (&key.public, algorithm) {
            (Public::Rsa { n, e }, "RS256") => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
                .is_ok(),
            (Public::P256(point), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(text, signature)
                    .is_ok()
            }
            _ => false,
        })
    }
}

impl Jwk {
    fn key(self) -> Option<Key> {
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let public = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Public::Rsa { n: bytes(&self.n)?, e: bytes(&self.e)? },
            ("EC", Some("P-256")) => {
                let mut point = vec![4];
                point.extend(bytes(&self.x)?);
                point.extend(bytes(&self.y)?);
                Public::P256(point)
            }
            _ => return None,
        };
        Some(Key { id: self.kid, public })
    }
}

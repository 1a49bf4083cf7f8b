//! What targets are told of a user, signed so that they can tell it from what anybody else says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use berth_proxy_protocol::OpenIdConnect;
use http::{HeaderMap, HeaderName, HeaderValue};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Map, Value, json};

use super::reason::Reason;
use super::session::Session;

const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-amzn-oidc-accesstoken");
const IDENTITY: HeaderName = HeaderName::from_static("x-amzn-oidc-identity");
const DATA: HeaderName = HeaderName::from_static("x-amzn-oidc-data");
const PREFIX: &str = "x-amzn-oidc-";

/// How long a target may believe what it was told with a request, in seconds.
const LIFE: u64 = 120;

/// Signs in a balancer's name.
pub(super) struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
    key_id: String,
    balancer: String,
    issuer: String,
    client_id: String,
}

/// A user, as headers of a request tell it.
pub(crate) struct User {
    access_token: HeaderValue,
    identity: HeaderValue,
    data: HeaderValue,
}

impl Signer {
    pub(super) fn new(
        key: &[u8],
        key_id: &str,
        balancer: &str,
        config: &OpenIdConnect,
    ) -> Result<Signer, String> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &random)
            .map_err(|_| "its balancer's signing key is none".to_owned())?;
        Ok(Signer {
            key,
            random,
            key_id: key_id.to_owned(),
            balancer: balancer.to_owned(),
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
        })
    }

    pub(super) fn user(&self, session: &Session, now: u64) -> Result<User, Reason> {
        let value =
            |text: &[u8]| HeaderValue::from_bytes(text).map_err(|_| Reason::InvalidUserInfo);
        let mut access_token = value(session.access_token.as_bytes())?;
        access_token.set_sensitive(true);
        Ok(User {
            access_token,
            identity: value(session.subject.as_bytes())?,
            data: value(self.token(session, now + LIFE)?.as_bytes())?,
        })
    }

    /// AWS: parts are padded, which is not so in other tokens, and the end is in the header too.
    fn token(&self, session: &Session, ends_at: u64) -> Result<String, Reason> {
        let header = json!({
            "typ": "JWT",
            "kid": self.key_id,
            "alg": "ES256",
            "iss": self.issuer,
            "client": self.client_id,
            "signer": self.balancer,
            "exp": ends_at,
        });
        let mut claims: Map<String, Value> =
            serde_json::from_str(&session.claims).map_err(|_| Reason::Unhandled)?;
        claims.insert("exp".to_owned(), ends_at.into());
        claims.insert("iss".to_owned(), self.issuer.as_str().into());
        let claims = Value::Object(claims);
        let mut token = URL_SAFE.encode(header.to_string());
        token.push('.');
        token.push_str(&URL_SAFE.encode(claims.to_string()));
        let signature = self.key.sign(&self.random, token.as_bytes());
        let signature = signature.map_err(|_| Reason::Unhandled)?;
        token.push('.');
        token.push_str(&URL_SAFE.encode(signature));
        Ok(token)
    }
}

/// Tells a target of a user. What a client says of itself is never passed on, nor what some targets would read as the
/// same: to them `_` is as good as `-`.
pub(crate) fn tell(headers: &mut HeaderMap, user: Option<Box<User>>) {
    let is_ours = |name: &&HeaderName| {
        let begins = name.as_str().bytes().map(|byte| if byte == b'_' { b'-' } else { byte });
        begins.take(PREFIX.len()).eq(PREFIX.bytes())
    };
    let said: Vec<HeaderName> = headers.keys().filter(is_ours).cloned().collect();
    for name in said {
        headers.remove(name);
    }
    if let Some(user) = user {
        let User { access_token, identity, data } = *user;
        headers.insert(ACCESS_TOKEN, access_token);
        headers.insert(IDENTITY, identity);
        headers.insert(DATA, data);
    }
}

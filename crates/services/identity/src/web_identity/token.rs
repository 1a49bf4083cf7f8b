//! A JSON Web Token (RFC 7519): read first, believed only when its signature and its claims are right.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_control::pipeline::access::KeyValue;
use berth_model::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::KeySet;

/// AWS: as far as the clocks of issuer and server may be apart.
const SKEW_SECONDS: i64 = 5 * 60;

/// A token that anybody might have written.
pub struct Unverified<'a> {
    header: Header,
    claims: BTreeMap<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// What an issuer really said.
#[derive(Debug)]
pub struct Claims(BTreeMap<String, Value>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no token, or not one of who it says.
    Invalid(String),
    Expired,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

impl<'a> Unverified<'a> {
    pub fn read(token: &'a str) -> Result<Self, Refused> {
        let invalid = || Refused::Invalid("The ID Token provided is not a valid JWT.".to_owned());
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid());
        Ok(Unverified {
            header: serde_json::from_slice(&bytes(header)?).map_err(|_| invalid())?,
            claims: serde_json::from_slice(&bytes(claims)?).map_err(|_| invalid())?,
            signed: &token[..header.len() + 1 + claims.len()],
            signature: bytes(signature)?,
        })
    }

    /// Who is said to have written it, without `https://`: whose keys to ask for.
    pub fn issuer(&self) -> Result<&str, Refused> {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        let url = issuer.and_then(|issuer| issuer.strip_prefix("https://"));
        url.map(|url| url.trim_end_matches('/'))
            .ok_or_else(|| Refused::Invalid("The iss claim is not an https URL.".to_owned()))
    }

    /// Signature, times and audience, in this order: nobody learns anything of a token that is not his.
    pub fn verify<'c>(
        self,
        keys: &KeySet,
        audiences: impl Iterator<Item = &'c String>,
        now: Timestamp,
    ) -> Result<Claims, Refused> {
        let (algorithm, id) = (&self.header.alg, self.header.kid.as_deref());
        if !keys.verifies(algorithm, id, self.signed.as_bytes(), &self.signature) {
            return Err(Refused::Invalid(
                "Couldn't retrieve verification key from your identity provider, or the signature is not by it."
                    .to_owned(),
            ));
        }
        let claims = Claims(self.claims);
        if let Some(name) = claims.twice() {
            return Err(Refused::Invalid(format!(
                "The token has several claims that differ from {name} by nothing but case."
            )));
        }
        let now = now.as_millis() / 1000;
        match claims.seconds("exp") {
            None => return Err(Refused::Invalid("Missing a required claim: exp".to_owned())),
            Some(end) if end <= now => return Err(Refused::Expired),
            Some(_) => {}
        }
        if claims.seconds("nbf").is_some_and(|start| start > now + SKEW_SECONDS)
            || claims.seconds("iat").is_some_and(|made| made > now + SKEW_SECONDS)
        {
            return Err(Refused::Invalid("The token is not valid yet.".to_owned()));
        }
        if claims.text("sub").is_none() {
            return Err(Refused::Invalid("Missing a required claim: sub".to_owned()));
        }
        let mut audiences = audiences;
        match audiences.any(|known| claims.is_for(known)) {
            true => Ok(claims),
            false => Err(Refused::Invalid("Incorrect token audience".to_owned())),
        }
    }
}

impl Claims {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// AWS: where a token names who it was made for, that counts as the audience.
    pub fn audience(&self) -> Option<&str> {
        self.text("azp").or_else(|| match self.0.get("aud")? {
            Value::String(one) => Some(one),
            Value::Array(many) => many.first()?.as_str(),
            _ => None,
        })
    }

    fn is_for(&self, audience: &str) -> bool {
        match (self.text("azp"), self.0.get("aud")) {
            (Some(party), _) => party == audience,
            (None, Some(Value::String(one))) => one == audience,
            (None, Some(Value::Array(many))) => many.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// Policies do not tell cases apart: of two such claims, neither may stand in for the other.
    fn twice(&self) -> Option<String> {
        let mut seen = BTreeSet::new();
        self.0.keys().map(|name| name.to_ascii_lowercase()).find(|name| !seen.insert(name.clone()))
    }

    fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }

    /// Each claim that conditions can be about, by its name.
    pub fn keys(&self) -> impl Iterator<Item = (&str, KeyValue)> {
        self.0.iter().filter_map(|(name, value)| {
            let value = match name.as_str() {
                "aud" => self.audience()?.into(),
                _ => key_value(value)?,
            };
            Some((name.as_str(), value))
        })
    }
}

fn key_value(value: &Value) -> Option<KeyValue> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some((*truth).into()),
        Value::Array(many) => {
            let texts = many.iter().map(|one| one.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(KeyValue::Many)
        }
        Value::Null | Value::Object(_) => None,
    }
}

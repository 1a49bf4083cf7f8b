//! An ID token, as it comes from the token endpoint itself: whose it is, for whom it was made, and when.
//!
//! Its signature is not looked at: see `oidc.rs`. One that says that it has none is refused all the same.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::reason::Reason;

/// As far as the clocks of issuer and proxy may be apart, in seconds.
const SKEW: f64 = 60.0;

/// What of a token is looked at.
#[derive(Deserialize)]
pub(super) struct IdToken {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    /// Of the login; one of a refreshed session need not have it.
    pub(super) nonce: Option<&'a str>,
    pub(super) now: u64,
}

impl IdToken {
    /// OpenID Connect Core, 3.1.3.7.
    pub(super) fn read(token: &str, expected: &Expected<'_>) -> Result<IdToken, Reason> {
        let read = Self::parse(token).ok_or(Reason::InvalidIdToken)?;
        match read.is_as(expected) {
            true => Ok(read),
            false => Err(Reason::InvalidIdToken),
        }
    }

    pub(super) fn subject(&self) -> &str {
        &self.sub
    }

    fn parse(token: &str) -> Option<IdToken> {
        let mut parts = token.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let header: Header = json(header)?;
        let is_signed = !header.alg.eq_ignore_ascii_case("none") && !signature.is_empty();
        (is_signed && parts.next().is_none()).then(|| json(claims)).flatten()
    }

    fn is_as(&self, expected: &Expected<'_>) -> bool {
        let for_client = |audience: &String| audience == expected.client;
        let is_for_client = match &self.aud {
            Audience::One(audience) => for_client(audience),
            // Who else it is for might use it, unless it says that it was made for us.
            Audience::Many(all) => {
                all.iter().any(for_client) && (all.len() == 1 || self.azp.is_some())
            }
        };
        let now = expected.now as f64;
        self.iss == expected.issuer
            && is_for_client
            && self.azp.as_ref().is_none_or(for_client)
            && self.exp + SKEW > now
            && self.iat - SKEW <= now
            && self.nbf.is_none_or(|from| from - SKEW <= now)
            && match (expected.nonce, &self.nonce) {
                (Some(expected), Some(nonce)) => expected == nonce,
                (Some(_), None) => false,
                (None, _) => true,
            }
            && !self.sub.is_empty()
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::{Expected, IdToken};

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2lnbmVk", part(header), part(claims))
    }

    fn is_read(token: &str) -> bool {
        let expected =
            Expected { issuer: "https://issuer", client: "us", nonce: Some("n"), now: 1000 };
        IdToken::read(token, &expected).is_ok()
    }

    #[test]
    fn everything_about_a_token_has_to_be_right() {
        let header = json!({"alg": "RS256"});
        let good = json!({
            "iss": "https://issuer", "sub": "ann", "aud": "us", "exp": 1001, "iat": 999, "nonce": "n",
        });
        assert!(is_read(&token(&header, &good)));
        let cases = [
            ("iss", json!("https://other"), false),
            ("iss", json!(null), false),
            ("sub", json!(""), false),
            ("sub", json!(null), false),
            ("aud", json!("them"), false),
            ("aud", json!(["us"]), true),
            ("aud", json!(["us", "them"]), false),
            ("aud", json!([]), false),
            ("azp", json!("us"), true),
            ("azp", json!("them"), false),
            ("exp", json!(941), true),
            ("exp", json!(940), false),
            ("exp", json!("1001"), false),
            ("exp", json!(null), false),
            ("iat", json!(1060), true),
            ("iat", json!(1061), false),
            ("nbf", json!(1061), false),
            ("nonce", json!("m"), false),
            ("nonce", json!(null), false),
        ];
        for (claim, value, expected) in cases {
            let mut claims = good.clone();
            claims[claim] = value;
            assert_eq!(is_read(&token(&header, &claims)), expected, "{claims}");
        }
        let mut many = good.clone();
        (many["aud"], many["azp"]) = (json!(["them", "us"]), json!("us"));
        assert!(is_read(&token(&header, &many)));

        assert!(!is_read(&token(&json!({"alg": "none"}), &good)));
        assert!(!is_read(&token(&json!({}), &good)));
        let whole = token(&header, &good);
        assert!(!is_read(whole.trim_end_matches("c2lnbmVk")), "no signature");
        assert!(!is_read(&format!("{whole}.more")));
        assert!(!is_read("a.b.c") && !is_read(""));
    }
}

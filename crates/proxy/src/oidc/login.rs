//! A login: on the way to the issuer, and back at `/oauth2/idpresponse`.
//!
//! What has to be known when a user comes back goes with them, sealed, as `state`: where they wanted to go, and a number that their
//! browser has in a cookie and nobody else does. So nobody can be made to log in as somebody else, and a user goes
//! nowhere but where they were sent from. The issuer gets a number too, which has to be in its ID token: a code that was meant
//! for another login is of no use.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use minicbor::{Decode, Encode};
use subtle::ConstantTimeEq;

use super::cookies;
use super::reason::Reason;
use super::seal::Kind;
use super::{ActionId, Authenticator};
use crate::front::cookies::find;

/// AWS: fixed.
pub(crate) const CALLBACK: &str = "/oauth2/idpresponse";
/// AWS: how long a user may take to log in.
const LONGEST_LOGIN: u64 = 15 * 60;
/// Of a URL to come back to: it goes to the issuer and back as part of others, of which the longest is 16 KB.
const LONGEST_URL: usize = 8 * 1024;

/// Where a client is sent to log in.
pub(crate) struct Login {
    pub(crate) location: HeaderValue,
    pub(crate) nonce_cookie: HeaderValue,
}

/// What is known of a user who comes back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct State {
    #[n(0)]
    pub(super) began_at: u64,
    /// What the browser has to have in its cookie.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) browser: [u8; 16],
    /// What the ID token has to say.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) nonce: [u8; 16],
    /// With its port, if the client said one.
    #[n(3)]
    pub(super) host: String,
    /// Path and query.
    #[n(4)]
    pub(super) url: String,
}

/// What the issuer has a client say to us.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

/// Why nobody is sent to log in.
pub(crate) enum Obstacle {
    Because(Reason),
    /// The host that was asked for is none.
    BadHost,
    /// What was asked for is too long to be come back to.
    TooLong,
}

impl From<Reason> for Obstacle {
    fn from(reason: Reason) -> Obstacle {
        Obstacle::Because(reason)
    }
}

impl Authenticator {
    /// `url` is what was asked for, path and query.
    pub(crate) fn login(
        &self,
        headers: &HeaderMap,
        host: &str,
        url: &str,
        now: u64,
        is_elsewhere: bool,
    ) -> Result<Login, Obstacle> {
        if host.is_empty() {
            return Err(Reason::MissingHost.into());
        }
        if !is_host(host) {
            return Err(Obstacle::BadHost);
        }
        if url.len() > LONGEST_URL {
            return Err(Obstacle::TooLong);
        }
        // Logins in several windows have the same one.
        let browser = nonce(headers).unwrap_or_else(rand::random);
        let state = State {
            began_at: now,
            browser,
            nonce: rand::random(),
            host: host.to_owned(),
            // `*` is nowhere to come back to.
            url: if url.starts_with('/') { url.to_owned() } else { "/".to_owned() },
        };
        let plain = minicbor::to_vec(&state).map_err(|_| Reason::Unhandled)?;
        let mut sealed = self.id.to_vec();
        sealed.extend(self.key.seal(Kind::State, &self.binding, &plain));
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        let location = self.provider.authorization_url(&state, &sealed);
        Ok(Login {
            location: HeaderValue::try_from(location).map_err(|_| Reason::Unhandled)?,
            nonce_cookie: cookies::set_nonce(&URL_SAFE_NO_PAD.encode(browser), is_elsewhere),
        })
    }

    /// What a client that came back wanted before.
    pub(crate) fn state(
        &self,
        callback: &Callback,
        headers: &HeaderMap,
        host: &str,
        now: u64,
    ) -> Result<State, Reason> {
        let text = callback.state.as_deref().ok_or(Reason::MissingState)?;
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| Reason::InvalidState)?;
        let sealed = sealed.strip_prefix(&self.id).ok_or(Reason::InvalidState)?;
        let plain = self.key.open(Kind::State, &self.binding, sealed);
        let state: State =
            plain.and_then(|plain| minicbor::decode(&plain).ok()).ok_or(Reason::InvalidState)?;
        if now.saturating_sub(state.began_at) >= LONGEST_LOGIN || state.host != host {
            return Err(Reason::InvalidState);
        }
        // RFC 9207: a code of one issuer is not taken to another one.
        if callback.issuer.as_deref().is_some_and(|issuer| issuer != self.provider.issuer()) {
            return Err(Reason::InvalidState);
        }
        if find(headers, cookies::NONCE).is_none() {
            return Err(Reason::MissingNonce);
        }
        let browser = nonce(headers).ok_or(Reason::InvalidNonce)?;
        match bool::from(browser.ct_eq(&state.browser)) {
            true => Ok(state),
            false => Err(Reason::InvalidNonce),
        }
    }
}

impl State {
    /// Where the user goes in the end.
    pub(crate) fn destination(&self) -> String {
        format!("https://{}{}", self.host, self.url)
    }

    /// Where the issuer sends the user.
    pub(super) fn redirect_uri(&self) -> String {
        format!("https://{}{CALLBACK}", self.host)
    }

    pub(super) fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.nonce)
    }
}

impl Callback {
    /// Of each parameter, the first.
    pub(crate) fn parse(query: &str) -> Callback {
        let mut callback = Callback::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name {
                "code" => &mut callback.code,
                "state" => &mut callback.state,
                "error" => &mut callback.error,
                "iss" => &mut callback.issuer,
                _ => continue,
            };
            let value = value.replace('+', " ");
            let value = percent_encoding::percent_decode_str(&value).decode_utf8();
            if let (None, Ok(value)) = (&place, value) {
                *place = Some(value.into_owned());
            }
        }
        callback
    }

    /// The action that sent the client away.
    pub(crate) fn action(&self) -> Result<ActionId, Reason> {
        let text = self.state.as_deref().ok_or(Reason::MissingState)?;
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| Reason::InvalidState)?;
        sealed.first_chunk().copied().ok_or(Reason::InvalidState)
    }

    /// The code, or why there is none.
    pub(crate) fn code(&self) -> Result<&str, Reason> {
        match (self.error.as_deref(), self.code.as_deref()) {
            (Some("access_denied"), _) => Err(Reason::Denied),
            (Some(_), _) => Err(Reason::Refused),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, _) => Err(Reason::MissingCode),
        }
    }
}

/// What a browser has in its cookie.
fn nonce(headers: &HeaderMap) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(find(headers, cookies::NONCE)?).ok()?.try_into().ok()
}

/// A name or an address, with or without a port: nothing that a URL could be broken out of with.
fn is_host(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

//! A user who is authenticated: all that is remembered, in the user's cookies alone.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use minicbor::{Decode, Encode};

use super::reason::Reason;
use super::seal::{Kind, SessionKey};

/// More than any session has that was sealed here.
const LARGEST: u64 = 256 * 1024;

/// Cookies of an older program have to be read by a newer one, so fields have numbers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Session {
    /// Another one each time that it is refreshed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(super) id: [u8; 16],
    /// When the user was authenticated, in seconds since the epoch.
    #[n(1)]
    pub(super) began_at: u64,
    #[n(2)]
    pub(super) subject: String,
    /// A JSON object, as the user info endpoint told it.
    #[n(3)]
    pub(super) claims: String,
    #[n(4)]
    pub(super) access_token: String,
    /// Of the access token, if the issuer says.
    #[n(5)]
    pub(super) expires_at: Option<u64>,
    #[n(6)]
    pub(super) refresh_token: Option<String>,
}

impl Session {
    pub(super) fn ends_at(&self, seconds: u64) -> u64 {
        self.began_at.saturating_add(seconds)
    }

    /// AWS: whether the issuer is asked if the user is still the same. One that gives no refresh token is not asked.
    pub(crate) fn wants_refresh(&self, now: u64) -> bool {
        self.refresh_token.is_some() && self.expires_at.is_some_and(|at| now >= at)
    }

    pub(super) fn seal(&self, key: &SessionKey, binding: &[u8; 32]) -> Result<String, Reason> {
        let plain = minicbor::to_vec(self).map_err(|_| Reason::Unhandled)?;
        // Tokens and claims are texts of few different characters: a browser has room for so many cookies only.
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&plain).map_err(|_| Reason::Unhandled)?;
        let packed = packed.finish().map_err(|_| Reason::Unhandled)?;
        Ok(URL_SAFE_NO_PAD.encode(key.seal(Kind::Session, binding, &packed)))
    }

    pub(super) fn open(
        key: &SessionKey,
        binding: &[u8; 32],
        text: &str,
    ) -> Result<Session, Reason> {
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| Reason::InvalidCookie)?;
        let packed = key.open(Kind::Session, binding, &sealed).ok_or(Reason::InvalidCookie)?;
        let mut plain = Vec::new();
        let mut unpacked = DeflateDecoder::new(&packed[..]).take(LARGEST);
        unpacked.read_to_end(&mut plain).map_err(|_| Reason::InvalidCookie)?;
        minicbor::decode(&plain).map_err(|_| Reason::InvalidCookie)
    }
}

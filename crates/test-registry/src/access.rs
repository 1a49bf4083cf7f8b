//! Who may pull, and how a registry tells.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, header};

/// What a registry asks of its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    #[default]
    Open,
    /// Name and password with every request.
    Basic { user: String, password: String },
    /// Name and password for a token, and the token with every request.
    Token { user: String, password: String },
}

/// The one token that is ever given out.
pub(crate) const TOKEN: &str = "let-me-pull";

impl Access {
    pub fn basic(user: &str, password: &str) -> Self {
        Self::Basic { user: user.to_owned(), password: password.to_owned() }
    }

    pub fn token(user: &str, password: &str) -> Self {
        Self::Token { user: user.to_owned(), password: password.to_owned() }
    }

    /// Whether a request for content is let through.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Open => true,
            Self::Basic { .. } => self.knows(headers),
            Self::Token { .. } => authorization(headers) == Some(format!("Bearer {TOKEN}")),
        }
    }

    /// Whether the request carries the right name and password.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        let (Self::Basic { user, password } | Self::Token { user, password }) = self else {
            return true;
        };
        let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
        authorization(headers) == Some(format!("Basic {pair}"))
    }

    /// What a refused client is told to do.
    pub(crate) fn challenge(&self, port: u16, repository: &str) -> String {
        match self {
            Self::Open | Self::Basic { .. } => "Basic realm=\"test registry\"".to_owned(),
            Self::Token { .. } => format!(
                "Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"test registry\",\
                 scope=\"repository:{repository}:pull\""
            ),
        }
    }
}

/// The user name that a request claims, right or wrong.
pub(crate) fn claimed_user(headers: &HeaderMap) -> Option<String> {
    let pair = authorization(headers)?.strip_prefix("Basic ")?.to_owned();
    let pair = String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok()?;
    pair.split_once(':').map(|(user, _)| user.to_owned())
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok().map(str::to_owned)
}

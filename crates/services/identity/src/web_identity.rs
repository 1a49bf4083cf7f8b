//! Tokens of OpenID Connect: what a CI system says of a job, and whether it is true.
//!
//! `token.rs` reads and checks a token, `key_set.rs` the keys of who signed it. Where the keys come from: a file for
//! each issuer, named when the server is started.
//!
//! DEVIATES: AWS fetches an issuer's keys from its `jwks_uri`. Berth's server calls nobody, so the operator fetches them
//! (`--oidc-keys ISSUER=FILE`); the file is read anew for every token, so that it may be replaced at any time.

mod key_set;
mod token;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use key_set::KeySet;
pub use token::{Claims, Refused, Unverified};

/// Files with the keys of issuers, by the issuers' URLs without `https://`.
#[derive(Clone, Debug, Default)]
pub struct KeyFiles(BTreeMap<String, PathBuf>);

impl KeyFiles {
    /// Of pairs of an issuer's URL and a file.
    pub fn new(files: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        let plain =
            |url: String| url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        Self(files.into_iter().map(|(issuer, file)| (plain(issuer), file)).collect())
    }

    /// The keys of an issuer. `Err` is for the caller: whose keys are missing is no secret.
    pub async fn of(&self, issuer: &str) -> Result<KeySet, String> {
        let file = self.0.get(issuer).ok_or_else(|| {
            format!("No keys of the issuer {issuer} are known: start the server with --oidc-keys {issuer}=FILE")
        })?;
        let text = tokio::fs::read_to_string(file).await.map_err(|cause| {
            tracing::error!(issuer, file = %file.display(), %cause, "an issuer's keys cannot be read");
            format!("The keys of the issuer {issuer} cannot be read right now.")
        })?;
        KeySet::parse(&text)
            .map_err(|problem| format!("The keys of the issuer {issuer}: {problem}"))
    }
}

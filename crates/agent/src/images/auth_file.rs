//! A file with logins, as Docker keeps them.
//!
//! Three forms are read, since people have all three: Docker's `config.json` (`{"auths": {…}}`), its
//! predecessor `.dockercfg` (the same without `auths`), and the value of `ECS_ENGINE_AUTH_DATA` of type
//! `docker` (user name and password in plain text). The file is read at every pull, so a new password
//! needs no restart; while it cannot be read, the last that could be still counts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use berth_runtime::{ImageName, RegistryAuth, canonical_registry};
use serde::Deserialize;

use super::logins::{LoginError, RegistryLogins};

/// The logins of one such file.
pub struct AuthFile {
    path: PathBuf,
    last: Mutex<Arc<Auths>>,
}

/// Why a file with logins is of no use.
#[derive(Debug, thiserror::Error)]
pub enum AuthFileError {
    #[error("cannot read {path}: {cause}")]
    Unreadable { path: String, cause: std::io::Error },
    #[error("{path} is no file with registry logins: {fault}")]
    Malformed { path: String, fault: String },
}

/// By registry, or registry and the beginning of a repository's name.
#[derive(Default)]
struct Auths(BTreeMap<String, RegistryAuth>);

#[derive(Deserialize)]
struct Document {
    auths: Option<BTreeMap<String, Entry>>,
    #[serde(rename = "credsStore")]
    creds_store: Option<String>,
    #[serde(rename = "credHelpers", default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    /// `user:password` in base64.
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

impl AuthFile {
    /// Reads it a first time: an agent does not start with one that is of no use.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, AuthFileError> {
        let path = path.into();
        let text = std::fs::read(&path).map_err(|cause| AuthFileError::Unreadable {
            path: path.display().to_string(),
            cause,
        })?;
        let auths = Auths::parse(&text).map_err(|fault| AuthFileError::Malformed {
            path: path.display().to_string(),
            fault,
        })?;
        Ok(Self { path, last: Mutex::new(Arc::new(auths)) })
    }

    async fn current(&self) -> Arc<Auths> {
        let read = tokio::fs::read(&self.path).await.map_err(|cause| cause.to_string());
        match read.and_then(|text| Auths::parse(&text)) {
            Ok(auths) => {
                let auths = Arc::new(auths);
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = auths.clone();
                auths
            }
            Err(fault) => {
                let file = self.path.display();
                tracing::warn!(%file, fault, "no registry logins to be read; the last ones still count");
                self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
            }
        }
    }
}

#[async_trait]
impl RegistryLogins for AuthFile {
    async fn login(&self, image: &str) -> Result<Option<RegistryAuth>, LoginError> {
        Ok(self.current().await.find(image))
    }
}

impl Auths {
    /// The fault, if it has one, does not repeat what is in the text.
    fn parse(text: &[u8]) -> Result<Self, String> {
        let fault = |error: serde_json::Error| {
            format!("not the JSON expected at line {}, column {}", error.line(), error.column())
        };
        let document: Document = serde_json::from_slice(text).map_err(fault)?;
        if document.creds_store.is_some() || !document.cred_helpers.is_empty() {
            tracing::warn!(
                "credsStore and credHelpers are not used: only logins in the file itself are"
            );
        }
        let entries = match document.auths {
            Some(entries) => entries,
            None if document.creds_store.is_some() || !document.cred_helpers.is_empty() => {
                BTreeMap::new()
            }
            None => serde_json::from_slice(text).map_err(fault)?,
        };
        let mut auths = BTreeMap::new();
        for (registry, entry) in entries {
            if let Some(auth) = entry.login(&registry)? {
                auths.insert(normal(&registry), auth);
            }
        }
        Ok(Self(auths))
    }

    /// The entry for the image's registry that says most of its name.
    fn find(&self, image: &str) -> Option<RegistryAuth> {
        let name = ImageName::parse(image);
        let full = format!("{}/{}", name.registry(), name.repository());
        let fits = |entry: &str| {
            full.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let best = self.0.iter().filter(|(entry, _)| fits(entry));
        best.max_by_key(|(entry, _)| entry.len()).map(|(_, auth)| auth.clone())
    }
}

impl Entry {
    /// `None` if there is nothing in it, which is how Docker notes that a helper has it.
    fn login(self, registry: &str) -> Result<Option<RegistryAuth>, String> {
        let malformed = || format!("the `auth` of {registry} is not `user:password` in base64");
        let (username, password) = match self.auth.filter(|auth| !auth.is_empty()) {
            Some(auth) => {
                let pair = BASE64_STANDARD.decode(auth.trim()).map_err(|_| malformed())?;
                let pair = String::from_utf8(pair).map_err(|_| malformed())?;
                let (user, password) = pair.split_once(':').ok_or_else(malformed)?;
                // AWS: as in Docker, which once padded passwords so.
                (user.to_owned(), password.trim_end_matches('\0').to_owned())
            }
            None => (self.username.unwrap_or_default(), self.password.unwrap_or_default()),
        };
        let identity_token = self.identitytoken.filter(|token| !token.is_empty());
        if username.is_empty() && identity_token.is_none() {
            return Ok(None);
        }
        Ok(Some(RegistryAuth {
            username,
            password,
            identity_token,
            server: Some(registry.to_owned()),
        }))
    }
}

/// `https://index.docker.io/v1/` → `docker.io`; `registry.example/team` stays.
fn normal(registry: &str) -> String {
    let bare = registry.split_once("://").map_or(registry, |(_, rest)| rest);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = canonical_registry(host);
    // What follows a host is a protocol's version, or else the beginning of repositories' names.
    match path.trim_matches('/') {
        "" | "v1" | "v2" => host.to_owned(),
        path => format!("{host}/{}", path.strip_prefix("v1/").unwrap_or(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str, image: &str) -> Option<String> {
        Auths::parse(text.as_bytes()).unwrap().find(image).map(|auth| auth.username)
    }

    fn entry(user: &str) -> String {
        format!(r#"{{ "auth": "{}" }}"#, BASE64_STANDARD.encode(format!("{user}:pass:word")))
    }

    #[test]
    fn every_form_is_read() {
        let config = format!(r#"{{ "auths": {{ "registry.example": {} }} }}"#, entry("config"));
        assert_eq!(user(&config, "registry.example/web").as_deref(), Some("config"));
        let legacy = format!(r#"{{ "https://registry.example/v1/": {} }}"#, entry("legacy"));
        assert_eq!(user(&legacy, "registry.example/web:1").as_deref(), Some("legacy"));
        let ecs = r#"{ "registry.example": { "username": "ecs", "password": "p", "email": "e" } }"#;
        assert_eq!(user(ecs, "registry.example/web").as_deref(), Some("ecs"));
        let auths = Auths::parse(config.as_bytes()).unwrap();
        assert_eq!(auths.find("registry.example/web").unwrap().password, "pass:word");
        let store = r#"{ "credsStore": "desktop" }"#;
        assert_eq!(user(store, "registry.example/web"), None);
    }

    #[test]
    fn dockers_own_registry_has_many_names() {
        for key in ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"] {
            let text = format!(r#"{{ "auths": {{ "{key}": {} }} }}"#, entry("hub"));
            for image in ["web", "team/web:1", "docker.io/library/web", "index.docker.io/team/web"]
            {
                assert_eq!(user(&text, image).as_deref(), Some("hub"), "{key} {image}");
            }
            assert_eq!(user(&text, "registry.example/web"), None, "{key}");
        }
    }

    #[test]
    fn the_entry_that_says_most_wins() {
        let text = format!(
            r#"{{ "auths": {{ "r.example:5000": {}, "r.example:5000/team": {}, "r.example": {} }} }}"#,
            entry("host"),
            entry("team"),
            entry("other-port"),
        );
        for (image, expected) in [
            ("r.example:5000/web", "host"),
            ("r.example:5000/team/web", "team"),
            ("r.example:5000/teammates/web", "host"),
            ("r.example/web", "other-port"),
        ] {
            assert_eq!(user(&text, image).as_deref(), Some(expected), "{image}");
        }
    }

    #[test]
    fn a_fault_does_not_show_the_secret() {
        let text = r#"{ "auths": { "r.example": { "auth": "aHVudGVyMg==" } } }"#;
        let fault = Auths::parse(text.as_bytes()).err().unwrap();
        assert!(fault.contains("r.example") && !fault.contains("aHVu"), "{fault}");
        let fault = Auths::parse(br#"{ "auths": { "r.example": "hunter2" } }"#).err().unwrap();
        assert!(!fault.contains("hunter2"), "{fault}");
    }

    #[tokio::test]
    async fn a_new_file_counts_at_once_and_a_broken_one_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let write = |user: &str| {
            let text = format!(r#"{{ "auths": {{ "r.example": {} }} }}"#, entry(user));
            std::fs::write(&path, text).unwrap();
        };
        write("first");
        let file = AuthFile::open(&path).unwrap();
        let user = async || file.login("r.example/web").await.unwrap().unwrap().username;
        assert_eq!(user().await, "first");
        write("second");
        assert_eq!(user().await, "second");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(user().await, "second");
        let error = AuthFile::open(&path).err().unwrap().to_string();
        assert!(error.contains("config.json"), "{error}");
    }
}

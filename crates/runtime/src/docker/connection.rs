//! A client for the engine at a socket, made when it is first needed.
//!
//! It speaks the oldest version of the API that we need and the engine still accepts, so that every
//! engine behaves alike: Debian's 20.10 (1.41), and those of today, which have dropped 1.41.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bollard::errors::Error;
use bollard::{BollardRequest, ClientVersion, Docker};

/// What Docker 20.10 speaks: cgroup versions, one-shot stats.
const WANTED: ClientVersion = ClientVersion { major_version: 1, minor_version: 41 };

/// Our callers have time limits of their own; bollard's must only be longer than any of them.
const NO_TIMEOUT_SECONDS: u64 = 365 * 24 * 3600;

pub(super) struct Connection {
    socket: PathBuf,
    client: Mutex<Option<Docker>>,
}

impl Connection {
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, client: Mutex::new(None) }
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The client. Asks the engine for its versions if that has not been done yet.
    pub async fn docker(&self) -> Result<Docker, Error> {
        if let Some(docker) = self.client().clone() {
            return Ok(docker);
        }
        let accepted = self.open(&WANTED)?.with_request_modifier(unversioned).version().await?;
        let oldest = accepted.min_api_version.as_deref().and_then(parse_version);
        let version = match oldest {
            Some(oldest) if oldest > WANTED => oldest,
            _ => WANTED,
        };
        let docker = self.open(&version)?.with_request_modifier(url_safe_login);
        *self.client() = Some(docker.clone());
        Ok(docker)
    }

    pub fn forget(&self) {
        *self.client() = None;
    }

    fn client(&self) -> std::sync::MutexGuard<'_, Option<Docker>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, version: &ClientVersion) -> Result<Docker, Error> {
        Docker::connect_with_unix(&self.socket.to_string_lossy(), NO_TIMEOUT_SECONDS, version)
    }
}

fn parse_version(text: &str) -> Option<ClientVersion> {
    let (major, minor) = text.split_once('.')?;
    Some(ClientVersion { major_version: major.parse().ok()?, minor_version: minor.parse().ok()? })
}

/// Takes the version out of `/v1.41/version`: a path without one is all that every engine accepts.
fn unversioned(mut request: BollardRequest) -> BollardRequest {
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/version"));
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// Docker reads logins as URL-safe base64 and takes no login at all for anything else; bollard writes the plain kind.
fn url_safe_login(mut request: BollardRequest) -> BollardRequest {
    if let Some(login) = request.headers_mut().get_mut("x-registry-auth") {
        let safe = login.as_bytes().iter().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        if let Ok(safe) = http::HeaderValue::from_bytes(&safe.collect::<Vec<u8>>()) {
            *login = safe;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_an_order() {
        assert!(parse_version("1.44").unwrap() > WANTED);
        assert!(parse_version("1.12").unwrap() < WANTED);
        assert!(parse_version("one").is_none());
    }
}

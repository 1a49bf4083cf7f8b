//! A certificate that the server was given, and that somebody else renews: files, read again when they change.
//!
//! Nobody tells a server of new files, and no connection waits for a look at them: whoever comes looks whether it is time to.
//! Files that do not fit together are half of a change: what was there before goes on until they do.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use berth_model::Timestamp;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::ring::Ticketer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, ProducesTickets};

use super::config;

/// How often to look.
pub(super) const LOOK: Duration = Duration::from_secs(5);

/// Two PEM files: a certificate with those that lead to its authority, and its key.
pub struct Given {
    certificate: PathBuf,
    key: PathBuf,
    tickets: Arc<dyn ProducesTickets>,
    held: Mutex<Held>,
}

struct Held {
    pair: Pair,
    stamps: Stamps,
    looked_at: Timestamp,
}

#[derive(Clone)]
struct Pair {
    leaf: CertificateDer<'static>,
    config: Arc<ServerConfig>,
}

/// When the files were written, and how long they are.
type Stamps = [Option<(SystemTime, u64)>; 2];

#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    #[error("cannot read {0}: {1}")]
    File(String, rustls::pki_types::pem::Error),
    #[error("{0} has no certificate")]
    Empty(String),
    #[error("{0} and {1} are no certificate and its key: {2}")]
    Pair(String, String, rustls::Error),
}

impl Given {
    pub fn open(certificate: PathBuf, key: PathBuf, now: Timestamp) -> Result<Given, GivenError> {
        let tickets = Ticketer::new()
            .map_err(|error| GivenError::Pair(shown(&certificate), shown(&key), error))?;
        let stamps = stamps(&certificate, &key);
        let pair = load(&certificate, &key, &tickets)?;
        let held = Mutex::new(Held { pair, stamps, looked_at: now });
        Ok(Given { certificate, key, tickets, held })
    }

    /// For a client that wants this name, if the certificate has it.
    pub(super) fn for_name(
        &self,
        name: &ServerName<'_>,
        now: Timestamp,
    ) -> Option<Arc<ServerConfig>> {
        let Pair { leaf, config } = self.current(now);
        let parsed = ParsedCertificate::try_from(&leaf).ok()?;
        verify_server_name(&parsed, name).ok().map(|()| config)
    }

    fn current(&self, now: Timestamp) -> Pair {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.looked_at <= now && now.since(held.looked_at) < LOOK {
            return held.pair.clone();
        }
        held.looked_at = now;
        let stamps = stamps(&self.certificate, &self.key);
        if stamps != held.stamps {
            match load(&self.certificate, &self.key, &self.tickets) {
                Ok(pair) => {
                    tracing::info!(certificate = %self.certificate.display(), "a new certificate is shown");
                    (held.pair, held.stamps) = (pair, stamps);
                }
                // Said again at each look, until somebody puts it right.
                Err(error) => tracing::warn!(%error, "the former certificate is shown"),
            }
        }
        held.pair.clone()
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn load(
    certificate: &Path,
    key: &Path,
    tickets: &Arc<dyn ProducesTickets>,
) -> Result<Pair, GivenError> {
    let unreadable = |path: &Path| {
        let path = shown(path);
        move |error| GivenError::File(path, error)
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(certificate))?;
    let leaf = chain.first().cloned().ok_or_else(|| GivenError::Empty(shown(certificate)))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let config = config(chain, private, tickets)
        .map_err(|error| GivenError::Pair(shown(certificate), shown(key), error))?;
    Ok(Pair { leaf, config })
}

/// A file that is not there has none.
fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

//! Which certificate a client is shown.
//!
//! There may be two kinds. A server has a certificate authority of its own ([`Authority`]), which certifies whatever address a
//! client reached and the names that the server was told of; and it may have been given a certificate ([`Given`]), which is
//! shown to whoever asks for a name in it. So a given certificate never locks this machine out, which knows the server by
//! an address. Both change while connections live: a connection keeps what it was opened with.
//!
//! Nothing here knows sockets (`server` does) or where files lie (the program does). Start with [`Certificates::choose`].

mod authority;
mod given;
mod own;
mod route;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ProducesTickets;

use crate::env::Clock;

pub use authority::{Authority, AuthorityError, Curve, IssuedCertificate};
pub use given::{Given, GivenError};
use own::Own;
pub use route::AuthorityRoute;

/// What every server of a cell is called among them, wherever it is reached: its own authority certifies it, and no other.
pub const SERVER_OF_CELL: &str = "server.cell.berth.internal";

/// The certificates of one server.
pub struct Certificates {
    own: Own,
    given: Option<Given>,
    clock: Arc<dyn Clock>,
}

impl Certificates {
    /// `names` are what the server is called, beside `localhost` and the addresses where it is reached.
    pub fn new(
        authority: impl Into<Arc<Authority>>,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Certificates, AuthorityError> {
        let own = Own::new(authority.into(), names, clock.now())?;
        Ok(Certificates { own, given: None, clock })
    }

    #[must_use]
    pub fn with_given(self, given: Given) -> Certificates {
        Certificates { given: Some(given), ..self }
    }

    /// What a client is shown that asked for this name, if for any, and reached this address.
    ///
    /// A client that knows an address only names nothing.
    pub fn choose(&self, asked: Option<&str>, reached: IpAddr) -> Arc<ServerConfig> {
        let (now, reached) = (self.clock.now(), reached.to_canonical());
        if let Some(given) = &self.given {
            let name = match asked {
                Some(name) => ServerName::try_from(name).ok(),
                None => Some(ServerName::from(reached)),
            };
            if let Some(config) = name.and_then(|name| given.for_name(&name, now)) {
                return config;
            }
        }
        self.own.for_address(reached, now)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("given", &self.given).finish_non_exhaustive()
    }
}

/// HTTP/2 for whoever speaks it. Sessions are resumed by tickets, which cost no memory here.
fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    tickets: &Arc<dyn ProducesTickets>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = Arc::clone(tickets);
    Ok(Arc::new(config))
}

#[cfg(test)]
pub(crate) mod tests;

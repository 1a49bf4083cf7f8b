//! Certificates of the server's own authority: one for each address where it is reached.
//!
//! A server that listens everywhere does not know its addresses; each connection knows one. So certificates are made when
//! they are asked for, and made anew long before they end, which needs no timer. Their key is in memory only.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use berth_model::Timestamp;
use rcgen::KeyPair;
use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;
use rustls::server::ProducesTickets;

use super::authority::{Authority, AuthorityError};
use super::{SERVER_OF_CELL, config};

/// How long a certificate is good.
pub(super) const LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How old it may be and still be shown.
pub(super) const RENEWED_AFTER: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// An address is one of this machine; it may have a whole network of them.
const MOST: usize = 64;

pub(super) struct Own {
    authority: Arc<Authority>,
    key: KeyPair,
    names: Vec<String>,
    tickets: Arc<dyn ProducesTickets>,
    made: Mutex<BTreeMap<IpAddr, Made>>,
}

struct Made {
    at: Timestamp,
    config: Arc<ServerConfig>,
}

impl Own {
    /// What cannot be certified is an error here, so that it is none later.
    pub fn new(
        authority: Arc<Authority>,
        mut names: Vec<String>,
        now: Timestamp,
    ) -> Result<Own, AuthorityError> {
        names.extend(["localhost", SERVER_OF_CELL].map(str::to_owned));
        names.sort();
        names.dedup();
        let key = KeyPair::generate().map_err(AuthorityError::Issue)?;
        let tickets = Ticketer::new().map_err(AuthorityError::Unusable)?;
        let own = Own { authority, key, names, tickets, made: Mutex::default() };
        let home = IpAddr::from(Ipv4Addr::LOCALHOST);
        own.made().insert(home, Made { at: now, config: own.make(home, now)? });
        Ok(own)
    }

    pub fn for_address(&self, reached: IpAddr, now: Timestamp) -> Arc<ServerConfig> {
        let mut made = self.made();
        let fresh = made.get(&reached).filter(|made| made.is_fresh(now));
        if let Some(fresh) = fresh {
            return Arc::clone(&fresh.config);
        }
        let config = self
            .make(reached, now)
            .expect("the names are certified since the start, and any address can be");
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(reached, Made { at: now, config: Arc::clone(&config) });
        config
    }

    fn make(&self, reached: IpAddr, now: Timestamp) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut addresses =
            vec![IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST), reached];
        addresses.dedup();
        addresses.retain(|address| !self.names.contains(&address.to_string()));
        let addresses = addresses.into_iter();
        let issued = self.authority.issue(&self.key, &self.names, addresses, now, LIFE)?;
        config(issued.chain, issued.key, &self.tickets).map_err(AuthorityError::Unusable)
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeMap<IpAddr, Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// A clock that was set back is no reason to show what is not good yet.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.at <= now && now.since(self.at) < RENEWED_AFTER
    }
}

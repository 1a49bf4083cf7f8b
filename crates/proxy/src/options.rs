//! What a proxy is told once, by whoever runs it: all else is in its configuration.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Options {
    /// The availability zone that this proxy is in, if that is known: whose targets get what comes here, where a group keeps
    /// zones apart.
    pub zone: Option<String>,
    /// Where listeners listen beside their balancers' own addresses.
    pub addresses: Vec<IpAddr>,
    /// Access and connection logs go here; without it none are written.
    pub log_folder: Option<PathBuf>,
    /// How many connections clients may have at once, all listeners together. One more is closed at once.
    pub most_connections: usize,
    /// Whether what targets answer to clients' own addresses comes by this host, which its network has to see to: only then can a
    /// network balancer let targets see those addresses. The process needs `CAP_NET_ADMIN` for it.
    pub is_on_the_way_back: bool,
    /// Authorities of issuers that users are authenticated by, in PEM; without it those that the host trusts.
    pub issuer_authorities: Option<PathBuf>,
    /// How long an issuer may take for each of its answers.
    pub issuer_patience: Duration,
    /// How long connections that are let go may take to end what they are doing.
    pub grace: Duration,
}

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What a proxy is told once, by whoever runs it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where balancers listen that have no addresses of their own.
    pub addresses: Vec<IpAddr>,
    /// Access and connection logs go here; without it none are written.
    pub log_folder: Option<PathBuf>,
    /// How many connections clients may have at once, all listeners together. One more is closed at once.
    pub most_connections: usize,
    /// How long connections that are let go may take to end what they are doing.
    pub grace: Duration,
}

//! Plain HTTP: paths that no AWS protocol speaks, such as `/health`.

use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Answers the requests of one path. Nobody is authenticated and nothing is limited but the body's size.
#[async_trait]
pub trait Route: Send + Sync + 'static {
    async fn answer(&self, request: &Request<Bytes>, peer: Peer) -> Response<Bytes>;
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub address: IpAddr,
    /// What passes between us is encrypted: it came by TLS.
    pub secure: bool,
}

impl Peer {
    pub const fn plain(address: IpAddr) -> Self {
        Peer { address, secure: false }
    }

    pub const fn secure(address: IpAddr) -> Self {
        Peer { address, secure: true }
    }
}

//! Listeners of network balancers.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_proxy_protocol::{Balancer, Listener};
use tokio::net::{TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;

use crate::proxy::Ground;

/// One listener, as its configuration has it.
pub(crate) struct Flow {}

impl Flow {
    pub(crate) fn new(_: &Balancer, listener: &Listener, _: &Ground) -> Result<Flow, String> {
        Err(format!("{:?} is not carried yet", listener.protocol))
    }
}

/// Carries one client's connection until it ends; `ending` asks for that.
pub(crate) async fn carry(
    _: Arc<ArcSwap<Flow>>,
    _: TcpStream,
    _: SocketAddr,
    _: CancellationToken,
) {
}

/// Carries whatever comes at a socket, until `ending`.
pub(crate) async fn carry_datagrams(
    _: Arc<ArcSwap<Flow>>,
    _: Arc<UdpSocket>,
    _: CancellationToken,
) {
}

//! Listeners of application balancers.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use berth_proxy_protocol::{Balancer, Listener};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::proxy::Ground;

/// One listener, as its configuration has it.
pub(crate) struct Front {}

impl Front {
    pub(crate) fn new(_: &Balancer, _: &Listener, _: &Ground) -> Result<Front, String> {
        Ok(Front {})
    }
}

/// Carries one client's connection until it ends; `ending` asks for that.
pub(crate) async fn carry(
    _: Arc<ArcSwap<Front>>,
    _: TcpStream,
    _: SocketAddr,
    _: CancellationToken,
) {
}

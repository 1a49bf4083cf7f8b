//! A connection to a target, or to another one if the first does not answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;
use tokio::net::{TcpSocket, TcpStream};

use super::route::{Ends, Route};
use super::transparent;
use crate::group::{Group, Picked, TargetIdentity};

/// A target that is not there for so long is given up for this connection.
const PATIENCE: Duration = Duration::from_secs(3);
/// Clients do not wait for more.
const MOST_TRIES: usize = 3;

pub(super) struct Reached {
    pub(super) group: Arc<Group>,
    pub(super) picked: Picked,
    pub(super) stream: TcpStream,
}

/// None if there is no target, or none that could be reached.
pub(super) async fn target(route: &Route, ends: &Ends, preserves: bool) -> Option<Reached> {
    let mut tried: SmallVec<[TargetIdentity; MOST_TRIES]> = SmallVec::new();
    while tried.len() < MOST_TRIES {
        let (group, picked) = route.pick(ends, &tried)?;
        let address = picked.address();
        let preserves = preserves && group.config().attributes.preserve_client_ip;
        let attempt = connect(ends.client, address, preserves);
        match tokio::time::timeout(PATIENCE, attempt).await {
            Ok(Ok(stream)) => return Some(Reached { group: group.clone(), picked, stream }),
            Ok(Err(error)) => tracing::debug!(%address, %error, "a target cannot be reached"),
            Err(_) => tracing::debug!(%address, "a target cannot be reached in time"),
        }
        picked.failed();
        tried.push(picked.identity());
    }
    None
}

async fn connect(client: SocketAddr, target: SocketAddr, preserves: bool) -> io::Result<TcpStream> {
    let socket = if preserves && transparent::suits(client, target) {
        TcpSocket::from_std_stream(transparent::socket(client, false)?.into())
    } else if target.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // What comes in pieces goes on in pieces: nothing is waited for on the way.
    socket.set_nodelay(true)?;
    socket.connect(target).await
}

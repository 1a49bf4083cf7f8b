//! The handshake of a web socket, and the frames between the connection and the service.

mod handshake;
mod pump;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

pub(super) use handshake::is_wanted;

use super::connection::Parts;
use crate::metrics::{SOCKET_PANICS, SOCKETS};
use crate::pipeline::following::Tunnel;
use crate::pipeline::websocket::{Session, Socket};
use crate::pipeline::{OpenSocket, Peer, text_of};

/// What a web socket may cost.
#[derive(Clone, Debug)]
pub struct SocketLimits {
    /// The largest message that a client may send, in bytes.
    pub message_limit: usize,
    /// How many messages wait for a slow service or client before the other side has to wait.
    pub queue: usize,
    /// A client that has said nothing for so long is sent a ping; one that has said nothing for three times as long is
    /// gone.
    pub ping: Duration,
    /// How long one message may take to be sent.
    pub send_timeout: Duration,
}

impl Default for SocketLimits {
    /// AWS: an agent's largest frame is 1 MiB of metrics; payloads to agents may be larger. Its usual silence is less
    /// than 30 seconds, so that in ordinary life there are no pings.
    fn default() -> Self {
        SocketLimits {
            message_limit: 4 * 1024 * 1024,
            queue: 64,
            ping: Duration::from_secs(30),
            send_timeout: Duration::from_secs(30),
        }
    }
}

/// Opens a socket if handshake, signature and service agree, and answers the request either way.
pub(super) async fn open(
    server: &Arc<Parts>,
    request: &mut Request<Incoming>,
    peer: Peer,
) -> Response<Bytes> {
    let accept = match handshake::accept(request) {
        Ok(accept) => accept,
        Err(refusal) => return *refusal,
    };
    let upgrade = hyper::upgrade::on(&mut *request);
    let mut head = Request::new(Bytes::new());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.headers_mut() = request.headers().clone();
    match server.endpoint.open_socket_among(head, peer).await {
        Ok(OpenSocket::Here(session)) => {
            server.tasks.spawn(run(Arc::clone(server), upgrade, *session, peer));
        }
        // The leader has proved the handshake to this client: its key went along.
        Ok(OpenSocket::AtLeader(tunnel)) => {
            server.tasks.spawn(carry(Arc::clone(server), upgrade, tunnel, peer));
        }
        Err(response) => return response,
    }
    accept
}

/// Between a client and the leader, as it comes: the leader pings, and ends what is silent.
async fn carry(
    server: Arc<Parts>,
    upgrade: hyper::upgrade::OnUpgrade,
    tunnel: Box<dyn Tunnel>,
    peer: Peer,
) {
    let Ok(upgraded) = upgrade.await else { return };
    let open = server.endpoint.metrics().gauge(SOCKETS, Vec::new());
    open.increment(1.0);
    let (mut from_client, mut to_client) = tokio::io::split(TokioIo::new(upgraded));
    let (mut from_leader, mut to_leader) = tokio::io::split(tunnel);
    // Whichever end is gone, the other has nobody to talk to.
    let ended = tokio::select! {
        ended = tokio::io::copy(&mut from_client, &mut to_leader) => ended,
        ended = tokio::io::copy(&mut from_leader, &mut to_client) => ended,
        () = server.stop.politely.cancelled() => Ok(0),
    };
    if let Err(error) = ended {
        tracing::debug!(%error, peer = %peer.address, "a web socket to the leader broke");
    }
    // What the leader said last is on its way; the client is told that there is no more.
    drop(to_client.shutdown().await);
    open.decrement(1.0);
}

async fn run(server: Arc<Parts>, upgrade: hyper::upgrade::OnUpgrade, session: Session, peer: Peer) {
    let upgraded = match upgrade.await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            tracing::debug!(%error, peer = %peer.address, "the connection ended during its upgrade");
            return;
        }
    };
    let metrics = server.endpoint.metrics();
    let open = metrics.gauge(SOCKETS, Vec::new());
    open.increment(1.0);
    let (socket, wire) = Socket::pair(server.options.sockets.queue);
    let pump = pump::run(TokioIo::new(upgraded), wire, &server.options.sockets, &server.stop);
    let session = async {
        // The socket is dropped with the session, so the pump closes it even after a panic.
        if let Err(panic) = AssertUnwindSafe(session.run(socket)).catch_unwind().await {
            metrics.counter(SOCKET_PANICS, Vec::new()).increment(1);
            tracing::error!(panic = text_of(&*panic), peer = %peer.address, "a web socket's session panicked");
        }
    };
    let session = server.stop.now.run_until_cancelled(session);
    tokio::join!(pump, session);
    open.decrement(1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<A, B, C, D, F: Future>(_: fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    /// A server carries two sockets for each of thousands of agents.
    #[test]
    fn a_socket_that_is_carried_is_small() {
        let size = size(run);
        assert!(size <= 3 * 1024, "{size}");
    }
}

//! One client's connection, from its first byte to its last.
//!
//! DEVIATES: a network balancer accepts a connection before a target does. If none takes it, it is broken off, where AWS's would not have been
//! established.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use berth_proxy_protocol::GroupProtocol;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::activity::Activity;
use super::counts::{Counted, Kind};
use super::reach::{self, Reached};
use super::relay::{self, Meter, Side};
use super::route::Ends;
use super::{Flow, patience, proxy_header};
use crate::ending::Ending;
use crate::group::{Group, tls};
use crate::socket::Socket;

/// How long either side may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How a connection ended.
enum End {
    /// As it should.
    Both,
    Broken(Side),
    /// It was silent, or its target or listener is no more.
    Cut,
}

pub(super) async fn carry(flow: Arc<Flow>, stream: TcpStream, address: SocketAddr, ending: Ending) {
    // A socket that has no address any more was broken off before it was looked at.
    let Ok(local) = stream.local_addr() else { return };
    let kind = if flow.acceptor.is_some() { Kind::Tls } else { Kind::Tcp };
    let counted = Counted::begin(&flow.counters, kind);
    let ends = Ends { client: address, local, is_datagram: false };
    let Some(mut client) = accept(&flow, &counted, stream).await else { return };
    let Some(reached) = reach::target(&flow.route, &ends, flow.preserves).await else {
        counted.counters().own_resets.one();
        return client.reset();
    };
    let Reached { group, picked, stream } = reached;
    let patience = patience::runs_out(&group, picked.target().standing(), ending);
    let Some(mut target) = prepare(stream, &group, &ends, &client, &counted).await else {
        counted.counters().own_resets.one();
        return client.reset();
    };
    let activity = Activity::begin();
    let meter = Meter { activity: &activity, counted: &counted };
    // Looked at when they have something to say, not with each message.
    let mut cuts = FuturesUnordered::new();
    cuts.push(async {
        tokio::select! {
            biased;
            () = patience => {}
            () = activity.silence(flow.idle) => {}
        }
    });
    let end = tokio::select! {
        biased;
        end = relay(&mut client, &mut target, meter) => end,
        _ = cuts.next() => End::Cut,
    };
    drop(cuts);
    match end {
        End::Both => {}
        End::Broken(Side::Client) => {
            counted.counters().client_resets.one();
            target.reset();
        }
        End::Broken(Side::Target) => {
            counted.counters().target_resets.one();
            client.reset();
        }
        End::Cut => {
            counted.counters().own_resets.one();
            client.reset();
            target.reset();
        }
    }
}

/// The client's side, after TLS if that ends here.
async fn accept(flow: &Flow, counted: &Counted, stream: TcpStream) -> Option<Socket> {
    let Some(acceptor) = &flow.acceptor else { return Some(Socket::Plain(stream)) };
    match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(Socket::Accepted(Box::new(stream))),
        Ok(Err(_)) | Err(_) => {
            counted.counters().client_tls_errors.one();
            None
        }
    }
}

/// The target's side, after all that a target is told before its client is heard.
async fn prepare(
    mut stream: TcpStream,
    group: &Group,
    ends: &Ends,
    client: &Socket,
    counted: &Counted,
) -> Option<Socket> {
    let (tells_client, is_encrypted) = {
        let config = group.config();
        (config.attributes.proxy_protocol_v2, config.protocol == GroupProtocol::Tls)
    };
    if tells_client {
        let header = proxy_header::of(ends.client, ends.local, ends.is_datagram);
        // A socket that is new has room for it.
        stream.write_all(&header).await.ok()?;
    }
    if !is_encrypted {
        return Some(Socket::Plain(stream));
    }
    let name = tls::server_name(stream.peer_addr().ok()?.ip());
    let connector = TlsConnector::from(client_config(client));
    match tokio::time::timeout(HANDSHAKE, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Some(Socket::Connected(Box::new(stream))),
        Ok(Err(_)) | Err(_) => {
            counted.counters().target_tls_errors.one();
            None
        }
    }
}

/// What was agreed on with the client is what the target is asked for.
fn client_config(client: &Socket) -> Arc<ClientConfig> {
    static NONE: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| tls::client_config(&[]));
    static HTTP_1: LazyLock<Arc<ClientConfig>> =
        LazyLock::new(|| tls::client_config(&[b"http/1.1"]));
    static HTTP_2: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| tls::client_config(&[b"h2"]));
    match client.protocol() {
        Some(b"h2") => HTTP_2.clone(),
        Some(b"http/1.1") => HTTP_1.clone(),
        _ => NONE.clone(),
    }
}

async fn relay(client: &mut Socket, target: &mut Socket, meter: Meter<'_>) -> End {
    let relayed = match (&mut *client, &mut *target) {
        (Socket::Plain(client), Socket::Plain(target)) => relay::plain(client, target, meter).await,
        (client, target) => relay::encrypted(client, target, meter).await,
    };
    relayed.map_or_else(End::Broken, |()| End::Both)
}

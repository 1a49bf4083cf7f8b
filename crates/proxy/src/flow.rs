//! Listeners of network balancers: connections and datagrams go to targets as they are.
//!
//! A flow keeps its target for as long as it is. Which one that is, is a matter of its addresses (`route.rs`); a connection is in
//! `stream.rs`, datagrams are in `datagrams.rs`. What goes over them is not known here, but for TLS, which may end here and begin anew.

mod activity;
mod counts;
mod datagrams;
mod patience;
pub(crate) mod proxy_header;
mod reach;
mod relay;
mod route;
mod stream;
#[cfg(test)]
mod tests;
mod transparent;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use berth_proxy_protocol::{Action, AlpnPolicy, Balancer, Listener, ListenerProtocol};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

use crate::Options;
use crate::counters::FlowCounters;
use crate::ending::Ending;
use crate::proxy::Ground;
use route::Route;

/// AWS: without a word for as long, a connection is forgotten; datagrams sooner.
const STREAM_IDLE: Duration = Duration::from_secs(350);
const DATAGRAM_IDLE: Duration = Duration::from_secs(120);

/// One listener, as its configuration has it.
pub(crate) struct Flow {
    route: Route,
    /// How long a connection may be silent.
    idle: Duration,
    /// If TLS ends here.
    acceptor: Option<TlsAcceptor>,
    counters: Arc<FlowCounters>,
    /// Whether targets may see clients' own addresses.
    preserves: bool,
    /// Why they do not, though a group wants it.
    lack: Option<String>,
}

impl Flow {
    pub(crate) fn new(
        balancer: &Balancer,
        listener: &Listener,
        ground: &Ground,
    ) -> Result<Flow, String> {
        let acceptor = match listener.protocol {
            ListenerProtocol::Tcp | ListenerProtocol::Udp | ListenerProtocol::TcpUdp => None,
            ListenerProtocol::Tls => {
                let protocols = offered(listener.alpn);
                let tls = ground.tls.tls(listener, protocols, ground.configuration)?;
                Some(TlsAcceptor::from(tls.config.clone()))
            }
            ListenerProtocol::Http | ListenerProtocol::Https => {
                return Err(format!("a network balancer has no {:?} listeners", listener.protocol));
            }
        };
        let [Action::Forward(forward)] = listener.default_actions.as_slice() else {
            return Err("a network balancer's listener forwards, and does nothing else".to_owned());
        };
        let idle = listener.attributes.tcp_idle_timeout_seconds;
        let idle = idle.map_or(STREAM_IDLE, |seconds| Duration::from_secs(seconds.into()));
        let route = Route::new(forward, ground.groups)?;
        let wants = route.groups().any(|group| group.config().attributes.preserve_client_ip);
        let lack = wants.then(|| obstacle(ground.options)).flatten();
        Ok(Flow {
            route,
            idle,
            acceptor,
            counters: ground.counters.flows(&balancer.resource),
            preserves: wants && lack.is_none(),
            lack,
        })
    }

    /// What is carried in another way than was asked for, and why.
    pub(crate) fn lack(&self) -> Option<&str> {
        self.lack.as_deref()
    }
}

/// Why targets cannot see clients' own addresses.
///
/// DEVIATES: a network balancer preserves clients' addresses only where its proxy was told that targets' answers come by its host, and may
/// send from other addresses; otherwise targets see the proxy's, and the listener's state says why.
fn obstacle(options: &Options) -> Option<String> {
    let obstacle = if options.is_on_the_way_back {
        transparent::problem()?
    } else {
        "what targets answer to them does not come by this host".to_owned()
    };
    Some(format!("targets do not see clients' addresses: {obstacle}"))
}

/// What a policy has agreed on with clients by ALPN, most wanted first.
///
/// AWS: a client that knows none of them gets no connection; without a policy nothing is agreed on.
fn offered(policy: Option<AlpnPolicy>) -> &'static [&'static [u8]] {
    match policy {
        None | Some(AlpnPolicy::None) => &[],
        Some(AlpnPolicy::Http1Only) => &[b"http/1.1", b"http/1.0"],
        Some(AlpnPolicy::Http2Only) => &[b"h2"],
        Some(AlpnPolicy::Http2Optional) => &[b"http/1.1", b"http/1.0", b"h2"],
        Some(AlpnPolicy::Http2Preferred) => &[b"h2", b"http/1.1", b"http/1.0"],
    }
}

impl Flow {
    /// Counts a client that there was no room for.
    pub(crate) fn refuse(&self) {
        self.counters.rejected.one();
    }
}

/// Carries one client's connection until it ends; `ending` asks for that.
pub(crate) async fn carry(
    live: Arc<ArcSwap<Flow>>,
    stream: TcpStream,
    client: SocketAddr,
    ending: Ending,
) {
    let flow = live.load_full();
    drop(live);
    stream::carry(flow, stream, client, ending).await;
}

/// Carries whatever comes at a socket, until `ending`.
pub(crate) async fn carry_datagrams(
    live: Arc<ArcSwap<Flow>>,
    socket: Arc<UdpSocket>,
    ending: Ending,
) {
    datagrams::carry(live, socket, ending).await;
}

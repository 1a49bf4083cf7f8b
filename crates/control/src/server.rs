//! Sockets in front of an [`Endpoint`]: HTTP/1.1, HTTP/2, web sockets; with TLS and without on one port.
//!
//! What can be held against a slow, huge or broken client is decided here: time for the head and the body,
//! sizes, how long a shutdown waits. What a request means is `pipeline`'s.
//!
//! Start with [`Server::serve`]; `opening.rs` tells TLS from plain HTTP, `connection.rs` is what happens to one connection.

mod accept;
mod body;
mod connection;
mod listeners;
mod opening;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use listeners::Listeners;
pub use opening::PlainHttp;
pub use websocket::SocketLimits;

use crate::pipeline::Endpoint;
use crate::tls::Certificates;
use connection::Transport;

/// What a client may cost.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// The largest head, in bytes.
    pub head_limit: usize,
    /// How long a client may take for a head, and how long a connection may idle.
    pub head_timeout: Duration,
    /// How long a client may take for a body.
    pub body_timeout: Duration,
    /// How long a shutdown waits for requests that are being worked on.
    pub drain: Duration,
    pub sockets: SocketLimits,
    /// Without any, there is no TLS.
    pub certificates: Option<Arc<Certificates>>,
    pub plain_http: PlainHttp,
    /// How long a client may take for a TLS handshake.
    pub handshake_timeout: Duration,
}

impl Default for ServerOptions {
    /// AWS's body limit, and times that an honest client on a bad line keeps.
    fn default() -> Self {
        ServerOptions {
            body_limit: 10 * 1024 * 1024,
            head_limit: 64 * 1024,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(10),
            sockets: SocketLimits::default(),
            certificates: None,
            plain_http: PlainHttp::Always,
            handshake_timeout: Duration::from_secs(10),
        }
    }
}

/// A running server. Dropping it closes everything at once; [`Server::shutdown`] is polite.
pub struct Server {
    addresses: Vec<SocketAddr>,
    stop: Stop,
    tasks: TaskTracker,
    drain: Duration,
}

/// The steps of stopping.
#[derive(Clone, Debug)]
struct Stop {
    /// Take nothing new and finish what is begun.
    politely: CancellationToken,
    /// End the sessions on web sockets; requests are answered as before.
    sockets: CancellationToken,
    /// Let go of everything.
    now: CancellationToken,
}

impl Stop {
    fn new() -> Self {
        let politely = CancellationToken::new();
        Stop { sockets: politely.child_token(), politely, now: CancellationToken::new() }
    }
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every request was answered.
    Whole,
    /// Some connections were still busy after the time was up, and were cut.
    Cut,
}

impl Server {
    /// Serves at these addresses until shutdown, on the current tokio runtime.
    pub fn serve(endpoint: Endpoint, listeners: Listeners, options: ServerOptions) -> Server {
        let addresses = listeners.addresses().to_vec();
        let (stop, tasks, drain) = (Stop::new(), TaskTracker::new(), options.drain);
        let transport = Transport::new(endpoint.clone(), options, stop.clone(), tasks.clone());
        for listener in listeners.listeners {
            tasks.spawn(accept::accept(listener, transport.clone(), stop.politely.clone()));
        }
        let over = stop.politely.clone();
        tasks.spawn(async move {
            over.run_until_cancelled(endpoint.metrics().keep_up()).await;
        });
        Server { addresses, stop, tasks, drain }
    }

    /// Where it listens, in the order of the listeners.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Tells all web sockets goodbye, now and from now on: this server leads no more. Requests are answered as before.
    pub fn hang_up(&self) {
        self.stop.sockets.cancel();
    }

    /// Takes no new requests, tells web sockets goodbye, and waits for the requests being worked on, not
    /// longer than the options say.
    pub async fn shutdown(self) -> Drained {
        self.stop.politely.cancel();
        self.tasks.close();
        match tokio::time::timeout(self.drain, self.tasks.wait()).await {
            Ok(()) => Drained::Whole,
            Err(_) => {
                self.stop.now.cancel();
                self.tasks.wait().await;
                Drained::Cut
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.politely.cancel();
        self.stop.now.cancel();
    }
}

#[cfg(test)]
mod tests;

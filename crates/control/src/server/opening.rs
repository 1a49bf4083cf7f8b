//! The first byte of a connection: TLS begins with one that no HTTP request begins with, so both share a port.
//!
//! Every connection waits for its byte, and for its handshake, in a task of its own and for a limited time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Label};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use crate::metrics::{Metrics, TLS_HANDSHAKES};
use crate::tls::Certificates;

/// From whom requests are taken that come without TLS. Everybody else is told to use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    Always,
    /// From this machine: nobody else sees what passes there.
    Local,
    Never,
}

/// The first byte of TLS: a record of the kind "handshake".
const HANDSHAKE: u8 = 0x16;

/// How connections begin.
pub(super) struct Opening {
    certificates: Option<Arc<Certificates>>,
    plain_http: PlainHttp,
    /// For the first byte, and once more for a handshake.
    patience: (Duration, Duration),
    done: Counter,
    failed: Counter,
    timed_out: Counter,
}

/// What speaks HTTP from now on.
pub(super) enum Opened {
    Plain {
        stream: TcpStream,
        /// Not taken from there: every request is answered with a refusal.
        refused: bool,
    },
    Secure(Box<TlsStream<TcpStream>>),
}

impl Opening {
    pub fn new(
        certificates: Option<Arc<Certificates>>,
        plain_http: PlainHttp,
        patience: (Duration, Duration),
        metrics: &Metrics,
    ) -> Self {
        let counter = |outcome: &'static str| {
            metrics.counter(TLS_HANDSHAKES, vec![Label::from_static_parts("outcome", outcome)])
        };
        let (done, failed, timed_out) = (counter("ok"), counter("failed"), counter("timeout"));
        Opening { certificates, plain_http, patience, done, failed, timed_out }
    }

    /// Nothing if the client has gone, is silent, or does not manage to speak TLS.
    pub async fn open(&self, stream: TcpStream, client: IpAddr) -> Option<Opened> {
        let mut first = [0];
        let looked = tokio::time::timeout(self.patience.0, stream.peek(&mut first)).await;
        if !matches!(looked, Ok(Ok(1))) {
            tracing::debug!(peer = %client, "connection closed: no request came in time");
            return None;
        }
        let reached = stream.local_addr().ok()?.ip();
        match &self.certificates {
            Some(certificates) if first[0] == HANDSHAKE => {
                self.shake_hands(certificates, stream, reached).await
            }
            _ => {
                let is_taken = match self.plain_http {
                    PlainHttp::Always => true,
                    PlainHttp::Local => is_local(client, reached),
                    PlainHttp::Never => false,
                };
                Some(Opened::Plain { stream, refused: !is_taken })
            }
        }
    }

    /// A failure is counted and not told: whoever can connect could fill a log with them.
    async fn shake_hands(
        &self,
        certificates: &Certificates,
        stream: TcpStream,
        reached: IpAddr,
    ) -> Option<Opened> {
        let handshake = async {
            let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
            let config = certificates.choose(begun.client_hello().server_name(), reached);
            begun.into_stream(config).await
        };
        match tokio::time::timeout(self.patience.1, handshake).await {
            Ok(Ok(stream)) => {
                self.done.increment(1);
                Some(Opened::Secure(Box::new(stream)))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                self.failed.increment(1);
                None
            }
            Err(_) => {
                self.timed_out.increment(1);
                None
            }
        }
    }
}

/// From the loopback network, or from the very address that it reached: the kernel takes neither from outside.
fn is_local(client: IpAddr, reached: IpAddr) -> bool {
    let client = client.to_canonical();
    client.is_loopback() || client == reached.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_addresses() {
        let local = |client: &str, reached: &str| {
            is_local(client.parse().unwrap(), reached.parse().unwrap())
        };
        assert!(local("127.0.0.1", "127.0.0.1") && local("127.8.8.8", "127.0.0.1"));
        assert!(local("::1", "::1") && local("::ffff:127.0.0.1", "127.0.0.1"));
        assert!(local("10.0.0.1", "10.0.0.1") && local("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(!local("10.0.0.2", "10.0.0.1") && !local("172.17.0.2", "172.17.0.1"));
        assert!(!local("::ffff:10.0.0.2", "::ffff:10.0.0.1"));
    }
}

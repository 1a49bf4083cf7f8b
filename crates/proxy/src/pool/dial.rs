//! How a target is connected to.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::http1::Lane;
use super::{FailureKind, HEAD_BYTES, Upload};
use crate::gathering::Gathering;
use crate::group::tls::{client_config, server_name};
use crate::socket::Socket;

/// What each try of a few may take: AWS gives up after ten seconds altogether.
const PATIENCE: Duration = Duration::from_secs(3);

/// A target that is gone without a word is noticed in so long.
const PING_EVERY: Duration = Duration::from_secs(15);

static HTTP1: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| client_config(&[b"http/1.1"]));
static HTTP2: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| client_config(&[b"h2"]));

/// Where a target is, and what it speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dial {
    pub(crate) address: SocketAddr,
    pub(crate) tls: bool,
    pub(crate) http2: bool,
}

impl Dial {
    pub(super) async fn http1(&self) -> Result<Box<Lane>, FailureKind> {
        Ok(Lane::new(self.connect().await?))
    }

    /// The connection goes on by itself for as long as anybody sends.
    pub(super) async fn http2(&self) -> Result<conn::http2::SendRequest<Upload>, FailureKind> {
        let stream = self.connect().await?;
        let (sender, connection) = conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .max_header_list_size(HEAD_BYTES as u32)
            .handshake(TokioIo::new(Gathering::new(stream)))
            .await
            .map_err(|error| FailureKind::Broken(io::Error::other(error)))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a target ended");
            }
        });
        Ok(sender)
    }

    async fn connect(&self) -> Result<Socket, FailureKind> {
        tokio::time::timeout(PATIENCE, self.connect_at_leisure())
            .await
            .unwrap_or(Err(FailureKind::ConnectTimeout))
    }

    async fn connect_at_leisure(&self) -> Result<Socket, FailureKind> {
        let plain = TcpStream::connect(self.address).await.map_err(FailureKind::Unreachable)?;
        plain.set_nodelay(true).map_err(FailureKind::Unreachable)?;
        if !self.tls {
            return Ok(Socket::Plain(plain));
        }
        let config = if self.http2 { &*HTTP2 } else { &*HTTP1 };
        let connector = TlsConnector::from(Arc::clone(config));
        let name = server_name(self.address.ip());
        let tls = connector.connect(name, plain).await.map_err(FailureKind::Tls)?;
        Ok(Socket::Connected(Box::new(tls)))
    }
}

//! How a request gets to another server.

use anyhow::anyhow;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

/// Carries requests to other servers of the cell. The simulator has its own.
#[async_trait]
pub trait Relay: Send + Sync + 'static {
    /// Sends a request as it is to the server at this address, and brings the answer.
    async fn relay(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, RelayError>;

    /// Has the server at this address open a web socket, and brings its end of it. A relay may carry requests only.
    async fn tunnel(&self, server: &str, _: Request<Bytes>) -> Result<Tunnelled, RelayError> {
        Err(RelayError::NotSent(anyhow!("no web socket is carried to {server}")))
    }
}

/// What another server made of the opening of a web socket.
pub enum Tunnelled {
    /// Bytes of web socket frames, both ways.
    Open(Box<dyn Tunnel>),
    Refused(Response<Bytes>),
}

pub trait Tunnel: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Tunnel for T {}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The other server has surely not seen it.
    #[error("it was not sent: {0:#}")]
    NotSent(anyhow::Error),
    /// The other server may have done it.
    #[error("its answer was lost: {0:#}")]
    Unknown(anyhow::Error),
}

//! How a request gets to another server.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Carries requests to other servers of the cell. The simulator has its own.
#[async_trait]
pub trait Relay: Send + Sync + 'static {
    /// Sends a request as it is to the server at this address, and brings the answer.
    async fn relay(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, RelayError>;
}

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

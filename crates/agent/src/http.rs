//! The real control plane: signed HTTP requests and web sockets.
//!
//! Plain `http://` only, as the rest of Berth until TLS comes; an `https://` address is refused when the
//! control plane is made, not at the first call.

mod call;
mod socket;

use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::clock::{Clock, SystemClock};
use crate::control_plane::{AcsSession, CallError, ControlPlane, DialError, Socket, TcsSession};

/// AWS: all that an agent sends is signed for this service, its web sockets included.
const SERVICE: &str = "ecs";

/// How long one call or one upgrade may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A control plane at an address.
pub struct HttpControlPlane {
    address: Uri,
    region: String,
    credentials: Credentials,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl HttpControlPlane {
    /// `address` is what `AWS_ENDPOINT_URL` would be: `http://host:port`.
    pub fn new(
        address: &str,
        region: impl Into<String>,
        credentials: Credentials,
    ) -> anyhow::Result<Self> {
        let address: Uri = address
            .parse()
            .with_context(|| format!("`{address}` is not the address of a control plane"))?;
        match address.scheme_str() {
            Some("http") => {}
            Some("https") => bail!("`{address}`: this agent does not speak TLS yet; use http://"),
            _ => bail!("`{address}` must begin with http://"),
        }
        if address.host().is_none() {
            bail!("`{address}` names no host");
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(10)));
        let client = Client::builder(TokioExecutor::new())
            // An idle agent holds no more than one connection, and not for long.
            .pool_max_idle_per_host(4)
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Ok(Self { address, region: region.into(), credentials, client })
    }

    fn signer(&self) -> Signer<'_> {
        Signer::new(&self.credentials, &self.region, SERVICE)
    }

    fn now(&self) -> berth_model::Timestamp {
        SystemClock.now()
    }
}

#[async_trait]
impl ControlPlane for HttpControlPlane {
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        match tokio::time::timeout(TIMEOUT, self.post(operation, &input)).await {
            Ok(answer) => answer,
            Err(_) => Err(CallError::Unreachable(anyhow::anyhow!(
                "{operation} was not answered within {TIMEOUT:?}"
            ))),
        }
    }

    async fn open_acs(&self, endpoint: &str, session: &AcsSession) -> Result<Socket, DialError> {
        self.dial(endpoint, session.query(), socket::Framing::Bare).await
    }

    async fn open_tcs(&self, endpoint: &str, session: &TcsSession) -> Result<Socket, DialError> {
        self.dial(endpoint, session.query(), socket::Framing::Signed).await
    }
}

#[cfg(test)]
mod tests;

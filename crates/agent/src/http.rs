//! The real control plane: signed HTTP requests and web sockets.
//!
//! With TLS or without, as the address says; one that cannot be used is refused when the control plane is made, not at the
//! first call.

mod address;
mod call;
mod operation;
mod path;
mod servers;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use berth_aws_protocol::sigv4::Credentials;
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use rustls::ClientConfig;
use serde_json::Value;

pub use address::Endpoint;
pub(crate) use address::HttpClient;
pub(crate) use servers::{Server, Servers};

use crate::clock::{Clock, SystemClock};
use crate::control_plane::{AcsSession, CallError, ControlPlane, DialError, Socket, TcsSession};
use crate::credentials::CredentialProvider;

/// A service that speaks AWS JSON 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonService {
    pub signing_name: &'static str,
    /// What stands before an operation's name in `X-Amz-Target`.
    pub target: &'static str,
}

impl JsonService {
    pub const ECS: JsonService =
        JsonService { signing_name: SERVICE, target: "AmazonEC2ContainerServiceV20141113" };
    pub const KMS: JsonService = JsonService { signing_name: "kms", target: "TrentService" };
    pub const SSM: JsonService = JsonService { signing_name: "ssm", target: "AmazonSSM" };
}

/// AWS: all that an agent sends is signed for this service, its web sockets included.
const SERVICE: &str = "ecs";

/// How long one call or one upgrade may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A control plane at an address, or at several.
pub struct HttpControlPlane {
    servers: Servers,
    region: String,
    credentials: Arc<dyn CredentialProvider>,
    client: HttpClient,
    /// For web sockets.
    tls: Arc<ClientConfig>,
}

impl HttpControlPlane {
    /// An address by itself is what `AWS_ENDPOINT_URL` would be, of plain HTTP: `http://host:port`.
    pub fn new(
        endpoint: impl Into<Endpoint>,
        region: impl Into<String>,
        credentials: impl CredentialProvider,
    ) -> anyhow::Result<Self> {
        let parsed = endpoint.into().parse()?;
        Ok(Self {
            client: parsed.client(),
            servers: parsed.servers,
            tls: parsed.tls,
            region: region.into(),
            credentials: Arc::new(credentials),
        })
    }

    /// An operation of any service; the agent itself needs ECS's alone.
    pub async fn call_service(
        &self,
        service: JsonService,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        self.signed_call(&*self.credentials, service, operation, input).await
    }

    async fn signed_call(
        &self,
        signer: &dyn CredentialProvider,
        service: JsonService,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        self.in_time(operation, self.post(signer, service, operation, &input)).await?
    }

    /// Sends what `request` makes for a server, to the one that answered last; to the next if it is not there.
    async fn sent<F>(
        &self,
        what: &str,
        request: impl Fn(Uri) -> F,
    ) -> anyhow::Result<Response<Incoming>>
    where
        F: Future<Output = anyhow::Result<Request<Full<Bytes>>>>,
    {
        let mut others = self.servers.count() - 1;
        loop {
            let server = self.servers.current();
            let request = request(server.uri.clone()).await?;
            match self.client.request(request).await {
                Ok(answer) => {
                    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                        self.servers.leave(&server);
                    }
                    return Ok(answer);
                }
                Err(error) => {
                    self.servers.leave(&server);
                    // Nobody has seen it.
                    if error.is_connect() && others > 0 {
                        others -= 1;
                        self.servers.rest().await;
                        continue;
                    }
                    return Err(error).with_context(|| format!("{what} at {}", server.uri));
                }
            }
        }
    }

    /// A server that takes requests and does not answer them is left as well.
    async fn in_time<T>(
        &self,
        what: &str,
        answer: impl Future<Output = T>,
    ) -> Result<T, CallError> {
        let server = self.servers.current();
        tokio::time::timeout(TIMEOUT, answer).await.map_err(|_| {
            self.servers.leave(&server);
            CallError::Unreachable(anyhow!("{what} was not answered within {TIMEOUT:?}"))
        })
    }

    fn now(&self) -> berth_model::Timestamp {
        SystemClock.now()
    }
}

#[async_trait]
impl ControlPlane for HttpControlPlane {
    async fn call(&self, operation: &str, input: Value) -> Result<Value, CallError> {
        self.call_service(JsonService::ECS, operation, input).await
    }

    async fn call_as(
        &self,
        credentials: &Credentials,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        self.signed_call(credentials, JsonService::ECS, operation, input).await
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

//! The calls that a host makes before it has credentials: plain JSON, unsigned by anything but their content.

use std::time::Duration;

use anyhow::{Context, anyhow};
use berth_agent_protocol::hosts::HostRefusal;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{Endpoint, HttpClient, Server, Servers};
use crate::trust::is_distrust;

const TIMEOUT: Duration = Duration::from_secs(10);
/// No answer comes near this.
const MAX_ANSWER: usize = 64 << 10;

/// A control plane's addresses for these calls.
#[derive(Clone)]
pub struct HostCalls {
    servers: Servers,
    client: HttpClient,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum HostCallError {
    #[error("{0}")]
    Refused(HostRefusal),
    #[error("the control plane could not be reached: {0:#}")]
    Unreachable(anyhow::Error),
    /// Somebody answered who is not believed to be the control plane.
    #[error("{0:#}")]
    Distrusted(anyhow::Error),
}

impl HostCalls {
    /// They are made twice an hour.
    pub fn new(endpoint: impl Into<Endpoint>) -> anyhow::Result<Self> {
        let parsed = endpoint.into().parse()?;
        Ok(Self { client: parsed.forgetful_client(), servers: parsed.servers })
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, HostCallError> {
        let body = serde_json::to_vec(body).expect("its maps have string keys");
        let server = self.servers.current();
        let answer = match tokio::time::timeout(TIMEOUT, self.exchange(&server, path, body)).await {
            Ok(answer) => answer,
            Err(_) => {
                let cause = anyhow!("{path} was not answered within {TIMEOUT:?}");
                Err(HostCallError::Unreachable(cause))
            }
        };
        // Whoever asks again, and waits before, asks another one.
        if let Err(HostCallError::Unreachable(_)) = &answer {
            self.servers.leave(&server);
        }
        answer
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        server: &Server,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, HostCallError> {
        let (status, body) =
            self.send(server, path, body).await.map_err(|cause| match is_distrust(&cause) {
                true => HostCallError::Distrusted(cause),
                false => HostCallError::Unreachable(cause),
            })?;
        if status.is_success() {
            let answer = serde_json::from_slice(&body);
            let answer = answer.with_context(|| format!("the answer to {path}"));
            return answer.map_err(HostCallError::Unreachable);
        }
        Err(match serde_json::from_slice(&body) {
            Ok(refusal) => HostCallError::Refused(refusal),
            // Something in between, or a control plane that does not know this call.
            Err(_) => HostCallError::Unreachable(anyhow!("{path} was answered with {status}")),
        })
    }

    async fn send(
        &self,
        server: &Server,
        path: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<(http::StatusCode, Bytes)> {
        let at = format!("{}{path}", server.root());
        let uri: Uri = at.parse().with_context(|| format!("`{at}` is not an address"))?;
        let request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let answer = self.client.request(request).await.with_context(|| at.clone())?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|cause| anyhow!("the answer of {at} broke off: {cause}"))?;
        Ok((status, body.to_bytes()))
    }
}

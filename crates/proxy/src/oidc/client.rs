//! Calls of an issuer: by TLS alone, and to nobody that it refers to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::sync::Semaphore;

use super::authorities;

/// Of an answer. Only 11 KB of it can be used.
const LARGEST: usize = 64 * 1024;
/// At once with one issuer: whoever is slow keeps no more than that from going on.
const AT_ONCE: usize = 64;

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct HttpsClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Of a call, from its beginning to the last byte of its answer.
    patience: Duration,
}

/// Who waits for an issuer.
pub(super) type Queue = Arc<Semaphore>;

pub(super) enum CallFailure {
    /// In so long, or at all.
    Unanswered,
    TooLarge,
}

impl HttpsClient {
    pub(super) fn new(
        authorities: Option<&Path>,
        patience: Duration,
    ) -> Result<HttpsClient, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(authorities::roots(authorities)?)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(patience / 2));
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(8)
            .build(connector);
        Ok(HttpsClient { client, patience })
    }

    pub(super) fn queue() -> Queue {
        Arc::new(Semaphore::new(AT_ONCE))
    }

    /// A redirect is an answer like any other: it is not followed.
    pub(super) async fn call(
        &self,
        queue: &Queue,
        request: Request<Bytes>,
    ) -> Result<(StatusCode, Bytes), CallFailure> {
        let endpoint = request.uri().clone();
        let exchange = async {
            let _place = queue.acquire().await.map_err(|_| CallFailure::Unanswered)?;
            let unanswered = |error: hyper_util::client::legacy::Error| {
                tracing::warn!(%endpoint, %error, "an issuer does not answer");
                CallFailure::Unanswered
            };
            let answer = self.client.request(request.map(Full::new)).await.map_err(unanswered)?;
            let (head, body) = answer.into_parts();
            match Limited::new(body, LARGEST).collect().await {
                Ok(body) => Ok((head.status, body.to_bytes())),
                Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                    Err(CallFailure::TooLarge)
                }
                Err(error) => {
                    tracing::warn!(%endpoint, %error, "an issuer's answer broke off");
                    Err(CallFailure::Unanswered)
                }
            }
        };
        tokio::time::timeout(self.patience, exchange).await.unwrap_or_else(|_| {
            tracing::warn!(%endpoint, "an issuer takes too long");
            Err(CallFailure::Unanswered)
        })
    }
}

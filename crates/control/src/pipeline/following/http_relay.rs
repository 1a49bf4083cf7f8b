//! Requests to other servers, over connections that are kept.
//!
//! The other server proves to have a certificate of the cell's own authority for one name that all servers have, whatever
//! address it is reached at and whatever certificates its clients are shown. Nothing that a client wrote is changed but
//! what belongs to its connection, so its signature stays good.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::{Relay, RelayError, Tunnelled};
use crate::tls::SERVER_OF_CELL;

/// A server that is there answers its kernel's greeting at once.
const CONNECTING: Duration = Duration::from_secs(1);
/// Longer than any operation takes.
const ANSWERING: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 64 << 20;

/// What belongs to one connection, and not to the request.
static OF_THE_CONNECTION: [HeaderName; 5] = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
static KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Carries requests by HTTP/1.1.
pub struct HttpRelay(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl HttpRelay {
    /// Believes servers with certificates of this authority, in PEM.
    pub fn new(authority: &str) -> anyhow::Result<Self> {
        let authority = CertificateDer::from_pem_slice(authority.as_bytes());
        let authority = authority.context("the certificate of the cell's authority")?;
        let mut roots = RootCertStore::empty();
        roots.add(authority).context("the certificate of the cell's authority")?;
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECTING));
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .with_server_name_resolver(FixedServerNameResolver::new(ServerName::try_from(
                SERVER_OF_CELL,
            )?))
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .set_host(false)
            .build(connector);
        Ok(HttpRelay(client))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, RelayError> {
        self.0.request(request).await.map_err(|error| {
            let was_sent = !error.is_connect();
            let cause = anyhow::Error::from(error);
            if was_sent { RelayError::Unknown(cause) } else { RelayError::NotSent(cause) }
        })
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, RelayError> {
        whole(self.send(request).await?).await
    }

    async fn upgrade(&self, request: Request<Full<Bytes>>) -> Result<Tunnelled, RelayError> {
        let response = self.send(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return whole(response).await.map(Tunnelled::Refused);
        }
        let upgraded = hyper::upgrade::on(response).await;
        let upgraded = upgraded.map_err(|error| RelayError::Unknown(error.into()))?;
        Ok(Tunnelled::Open(Box::new(TokioIo::new(upgraded))))
    }
}

async fn whole(response: Response<Incoming>) -> Result<Response<Bytes>, RelayError> {
    let (mut head, body) = response.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    let body =
        body.map_err(|cause| RelayError::Unknown(anyhow!("the answer broke off: {cause}")))?;
    clear(&mut head.headers);
    head.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(head, body.to_bytes()))
}

#[async_trait]
impl Relay for HttpRelay {
    async fn relay(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, RelayError> {
        let request = addressed(server, request).map_err(RelayError::NotSent)?;
        in_time(server, self.exchange(request)).await
    }

    async fn tunnel(&self, server: &str, request: Request<Bytes>) -> Result<Tunnelled, RelayError> {
        let mut request = addressed(server, request).map_err(RelayError::NotSent)?;
        // Of this connection, too: the rest of the handshake is between the client and the other server.
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
        in_time(server, self.upgrade(request)).await
    }
}

async fn in_time<T>(
    server: &str,
    answer: impl Future<Output = Result<T, RelayError>>,
) -> Result<T, RelayError> {
    match tokio::time::timeout(ANSWERING, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(RelayError::Unknown(anyhow!("{server} did not answer within {ANSWERING:?}"))),
    }
}

/// The same request, to another server than the one that the client has named.
fn addressed(server: &str, request: Request<Bytes>) -> anyhow::Result<Request<Full<Bytes>>> {
    let (mut head, body) = request.into_parts();
    clear(&mut head.headers);
    // HTTP/2 names the host in its address. Signatures are over it, wherever it is.
    if !head.headers.contains_key(HOST)
        && let Some(host) = head.uri.authority()
    {
        head.headers.insert(HOST, HeaderValue::from_str(host.as_str())?);
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let to = format!("{}{path}", server.trim_end_matches('/'));
    head.uri = to.parse::<Uri>().with_context(|| format!("`{to}` is not an address"))?;
    head.version = Version::HTTP_11;
    head.extensions.clear();
    Ok(Request::from_parts(head, Full::new(body)))
}

fn clear(headers: &mut HeaderMap) {
    for name in OF_THE_CONNECTION.iter().chain([&KEEP_ALIVE]) {
        headers.remove(name);
    }
}

//! How a fleet reaches its server: one pool of connections for everybody's calls, a connection for each web socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail};
use berth_agent_protocol::Exception;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_model::Timestamp;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::failure::{CallError, End};
use super::options::Options;
use crate::dice::Dice;

const SERVICE: &str = "ecs";
const TARGET: &str = "AmazonEC2ContainerServiceV20141113";
const TIMEOUT: Duration = Duration::from_secs(60);
/// What a query leaves as it is; the same set that signatures are made over.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Held for every socket as long as it lives; a larger frame makes room for itself.
const READ_BUFFER: usize = 256;
/// How many agents share a source address. The kernel has some 28,000 ports for each, and finds a free one the slower the
/// more are taken.
const AGENTS_PER_ADDRESS: usize = 5_000;

pub(super) type WebSocket = WebSocketStream<TcpStream>;

pub(super) struct Wire {
    endpoint: Uri,
    server: SocketAddr,
    region: String,
    credentials: Credentials,
    client: Client<HttpConnector, Full<Bytes>>,
    calls: Semaphore,
    openings: Semaphore,
    dice: Mutex<Dice>,
}

impl Wire {
    pub(super) async fn new(options: &Options) -> anyhow::Result<Wire> {
        let endpoint: Uri = options.endpoint.parse().context("the address of the server")?;
        let host = endpoint.host().context("the server's address names no host")?.to_owned();
        if endpoint.scheme_str() != Some("http") {
            bail!("`{endpoint}` must begin with http://");
        }
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let mut found = lookup_host((host, endpoint.port_u16().unwrap_or(80))).await?;
        let server = found.next().with_context(|| format!("`{host}` has no address"))?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(options.concurrency)
            .build(connector);
        Ok(Wire {
            server,
            region: options.region.clone(),
            credentials: options.credentials.clone(),
            client,
            calls: Semaphore::new(options.concurrency),
            openings: Semaphore::new(options.concurrency),
            dice: Mutex::new(Dice::new(options.seed)),
            endpoint,
        })
    }

    /// One ECS operation, signed. Its input is made when its turn comes: thousands may wait for theirs.
    pub(super) async fn call(
        &self,
        operation: &str,
        input: impl FnOnce() -> Value,
    ) -> Result<Value, CallError> {
        let _turn = self.calls.acquire().await.expect("nobody closes it");
        let body = self.ask(operation, input().to_string().into()).await?;
        serde_json::from_slice(&body)
            .with_context(|| format!("the answer to {operation}"))
            .map_err(CallError::Unanswered)
    }

    /// The same for who takes no turns, and reads of the answer only what matters.
    pub(super) async fn ask(&self, operation: &str, input: Bytes) -> Result<Bytes, CallError> {
        let mut request = Request::post(self.endpoint.clone())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("{TARGET}.{operation}"))
            .body(input)
            .map_err(|error| CallError::Unanswered(error.into()))?;
        let signed = self.signer().sign(&mut request, now());
        signed.map_err(|error| CallError::Unanswered(error.into()))?;
        let (status, body) = self.exchange(request).await.map_err(CallError::Unanswered)?;
        if status.is_success() {
            return Ok(body);
        }
        let answer: Value = serde_json::from_slice(&body)
            .with_context(|| format!("the answer to {operation}"))
            .map_err(CallError::Unanswered)?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        Err(CallError::Refused { code, message: text("message").to_owned() })
    }

    /// A page of the server's, as text.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut address = self.endpoint.clone().into_parts();
        address.path_and_query = Some(path.parse()?);
        let request = Request::get(Uri::from_parts(address)?).body(Bytes::new())?;
        let (status, body) = self.exchange(request).await?;
        if !status.is_success() {
            bail!("{path} is answered with {status}");
        }
        Ok(String::from_utf8(body.into())?)
    }

    async fn exchange(&self, request: Request<Bytes>) -> anyhow::Result<(http::StatusCode, Bytes)> {
        let exchange = async {
            let answer = self.client.request(request.map(Full::new)).await?;
            let status = answer.status();
            anyhow::Ok((status, answer.into_body().collect().await?.to_bytes()))
        };
        tokio::time::timeout(TIMEOUT, exchange).await.context("no answer in time")?
    }

    /// Opens a web socket of the agent with this number. The address comes back for signing frames.
    pub(super) async fn open(
        &self,
        agent: usize,
        endpoint: &str,
        query: &[(&str, &str)],
    ) -> Result<(WebSocket, Uri), End> {
        let _turn = self.openings.acquire().await.expect("nobody closes it");
        let uri = address(endpoint, query).map_err(End::Failed)?;
        match tokio::time::timeout(TIMEOUT, self.upgrade(agent, &uri)).await {
            Ok(opened) => opened.map(|socket| (socket, uri)),
            Err(_) => Err(End::Failed(anyhow!("no answer to the upgrade in time"))),
        }
    }

    async fn upgrade(&self, agent: usize, uri: &Uri) -> Result<WebSocket, End> {
        let failed = |error: anyhow::Error| End::Failed(error);
        let signed = self.signer().websocket(uri, now()).map_err(|error| failed(error.into()))?;
        let mut request = uri.into_client_request().map_err(|error| failed(error.into()))?;
        request.headers_mut().extend(signed);
        let stream = self.connect(agent).await.map_err(failed)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).write_buffer_size(0);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(SocketError::Http(answer)) => {
                let body = answer.body().as_deref().unwrap_or_default();
                let text = String::from_utf8_lossy(body);
                Err(match Exception::from_bare(text.trim()) {
                    Some(exception) => exception.into(),
                    None => failed(anyhow!("the upgrade is answered with {}", answer.status())),
                })
            }
            Err(error) => Err(failed(error.into())),
        }
    }

    /// All sockets of a fleet go to one address and port, so on one machine their own addresses have to differ.
    async fn connect(&self, agent: usize) -> anyhow::Result<TcpStream> {
        let socket = match self.server.ip() {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if self.server.ip().is_loopback() && self.server.is_ipv4() {
            let low = 1 + u8::try_from(agent / AGENTS_PER_ADDRESS).unwrap_or(u8::MAX - 1);
            socket.bind(SocketAddr::from((Ipv4Addr::new(127, 42, 0, low), 0)))?;
        }
        let stream = socket.connect(self.server).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// A telemetry frame with its signed header lines.
    pub(super) fn sign_frame(&self, uri: &Uri, frame: String) -> anyhow::Result<String> {
        let payload = Bytes::from(frame);
        let mut text = self.signer().frame_head(uri, &payload, now())?;
        text.push_str(std::str::from_utf8(&payload)?);
        Ok(text)
    }

    /// Chance, for what should not happen in step.
    pub(super) fn dice<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A random time that is shorter than this one.
    pub(super) fn up_to(&self, most: Duration) -> Duration {
        self.dice(|dice| dice.duration(&(Duration::ZERO..=most)))
    }

    fn signer(&self) -> Signer<'_> {
        Signer::new(&self.credentials, &self.region, SERVICE)
    }
}

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// `http://host:port/acs` → `ws://host:port/acs/ws?…`.
fn address(endpoint: &str, query: &[(&str, &str)]) -> anyhow::Result<Uri> {
    let rest = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("ws://"));
    let rest = rest.with_context(|| format!("`{endpoint}` is no address of a web socket"))?;
    let mut text = format!("ws://{}/ws", rest.trim_end_matches('/'));
    for (at, (name, value)) in query.iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, ESCAPED));
    }
    Ok(text.parse()?)
}

//! A web socket as two channels of text, opened by a signed request.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use berth_agent_protocol::{Exception, ExceptionKind};
use berth_aws_protocol::sigv4::Signer;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{HttpControlPlane, SERVICE, TIMEOUT};
use crate::clock::{Clock, SystemClock};
use crate::control_plane::{DialError, Hangup, Socket};
use crate::credentials::CredentialProvider;

/// What a query leaves as it is; the same set that signatures are made over.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Frames under way in one direction. Few: whoever is slower should be felt.
const QUEUE: usize = 32;

/// What goes before a frame.
pub(super) enum Framing {
    Bare,
    /// Header lines, signed with the frame as their body.
    Signed,
}

impl HttpControlPlane {
    pub(super) async fn dial(
        &self,
        endpoint: &str,
        query: Vec<(&'static str, String)>,
        framing: Framing,
    ) -> Result<Socket, DialError> {
        match tokio::time::timeout(TIMEOUT, self.upgrade(endpoint, query, framing)).await {
            Ok(opened) => opened,
            Err(_) => {
                Err(DialError::Failed(anyhow!("no answer from {endpoint} within {TIMEOUT:?}")))
            }
        }
    }

    async fn upgrade(
        &self,
        endpoint: &str,
        query: Vec<(&'static str, String)>,
        framing: Framing,
    ) -> Result<Socket, DialError> {
        let uri = address(endpoint, &query).map_err(DialError::Failed)?;
        let stream = connect(&uri, &self.tls).await.map_err(DialError::Failed)?;
        let credentials = self.credentials.credentials().await.map_err(DialError::Failed)?;
        let signed = Signer::new(&credentials, &self.region, SERVICE)
            .websocket(&uri, self.now())
            .map_err(|cause| DialError::Failed(cause.into()))?;
        let mut request =
            (&uri).into_client_request().map_err(|cause| DialError::Failed(cause.into()))?;
        request.headers_mut().extend(signed);
        let config =
            WebSocketConfig::default().read_buffer_size(8 << 10).write_buffer_size(8 << 10);
        let (socket, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config))
                .await
                .map_err(refusal)
                .inspect_err(|error| self.doubt(error))?;
        let (outgoing, to_send) = mpsc::channel(QUEUE);
        let (received, incoming) = mpsc::channel(QUEUE);
        let head = match framing {
            Framing::Bare => None,
            Framing::Signed => Some(Head {
                credentials: self.credentials.clone(),
                region: self.region.clone(),
                uri,
            }),
        };
        tokio::spawn(carry(socket, head, to_send, received));
        Ok(Socket { outgoing, incoming })
    }

    /// An upgrade that was refused before the agent's own protocol began: perhaps the key is not known.
    fn doubt(&self, error: &DialError) {
        if let DialError::Refused(exception) = error
            && exception.kind != ExceptionKind::AccessDenied
        {
            return;
        }
        self.credentials.doubt();
    }
}

/// Signs frame after frame.
struct Head {
    credentials: Arc<dyn CredentialProvider>,
    region: String,
    uri: Uri,
}

impl Head {
    async fn put_before(&self, frame: String) -> anyhow::Result<String> {
        let payload = Bytes::from(frame);
        let credentials = self.credentials.credentials().await?;
        let signer = Signer::new(&credentials, &self.region, SERVICE);
        let mut text = signer.frame_head(&self.uri, &payload, SystemClock.now())?;
        text.push_str(std::str::from_utf8(&payload).context("a frame is UTF-8")?);
        Ok(text)
    }
}

/// Moves frames until either end has enough.
async fn carry(
    socket: WebSocketStream<Box<dyn Wire>>,
    head: Option<Head>,
    mut to_send: mpsc::Receiver<String>,
    received: mpsc::Sender<Result<String, Hangup>>,
) {
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            biased;
            frame = to_send.recv() => {
                let Some(frame) = frame else {
                    // The agent let go of the socket: a polite goodbye, if it still gets through.
                    let _ = within_time(sink.close()).await;
                    return;
                };
                let framed = match &head {
                    Some(head) => head.put_before(frame).await,
                    None => Ok(frame),
                };
                let sent = match framed {
                    Ok(text) => within_time(sink.send(Message::text(text))).await,
                    Err(cause) => Err(cause),
                };
                if let Err(cause) = sent {
                    tracing::debug!(%cause, "a frame could not be sent");
                    return;
                }
            }
            message = stream.next() => {
                let delivered = match message {
                    Some(Ok(Message::Text(text))) => received.send(Ok(text.as_str().to_owned())).await,
                    Some(Ok(Message::Close(frame))) => {
                        let hangup = frame.map_or_else(
                            || Hangup { code: 1005, reason: String::new() },
                            |frame| Hangup { code: frame.code.into(), reason: frame.reason.as_str().to_owned() },
                        );
                        let _ = received.send(Err(hangup)).await;
                        return;
                    }
                    // Pings are answered by the library; ECS has no binary frames.
                    Some(Ok(_)) => Ok(()),
                    Some(Err(cause)) => {
                        tracing::debug!(%cause, "a web socket broke");
                        return;
                    }
                    None => return,
                };
                if delivered.is_err() {
                    return;
                }
            }
        }
    }
}

/// A peer that is cut off takes nothing and never says so: neither the socket nor who waits for it may stay for ever.
async fn within_time(sending: impl Future<Output = Result<(), Error>>) -> anyhow::Result<()> {
    let sent = tokio::time::timeout(TIMEOUT, sending).await;
    Ok(sent.with_context(|| format!("nothing was taken for {TIMEOUT:?}"))??)
}

/// `http://host:port` → `ws://host:port/ws?…`, and `https://` → `wss://`.
fn address(endpoint: &str, query: &[(&'static str, String)]) -> anyhow::Result<Uri> {
    let (scheme, rest) = match endpoint.split_once("://") {
        Some(("http" | "ws", rest)) => ("ws", rest),
        Some(("https" | "wss", rest)) => ("wss", rest),
        _ => bail!("`{endpoint}` is no address of a web socket that this agent can open"),
    };
    let mut text = format!("{scheme}://{}/ws", rest.trim_end_matches('/'));
    for (at, (name, value)) in query.iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, ESCAPED));
    }
    text.parse().with_context(|| format!("`{endpoint}` is not an address"))
}

/// A connection, with TLS or without.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

async fn connect(uri: &Uri, tls: &Arc<ClientConfig>) -> anyhow::Result<Box<dyn Wire>> {
    let is_secure = uri.scheme_str() == Some("wss");
    let host = uri.host().with_context(|| format!("`{uri}` names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port))
        .await
        .with_context(|| format!("connecting to {host}:{port}"))?;
    stream.set_nodelay(true)?;
    if !is_secure {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned());
    let name = name.with_context(|| format!("`{host}` is no name of a server"))?;
    let secure = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
    Ok(Box::new(secure.with_context(|| format!("speaking TLS to {host}:{port}"))?))
}

/// AWS: a refusal carries its reason as the bare body of the HTTP answer.
fn refusal(error: Error) -> DialError {
    if let Error::Http(answer) = &error {
        let body = answer.body().as_deref().unwrap_or_default();
        if let Some(exception) =
            std::str::from_utf8(body).ok().and_then(|text| Exception::from_bare(text.trim()))
        {
            return DialError::Refused(exception);
        }
    }
    DialError::Failed(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_escapes_what_a_query_cannot_hold() {
        let query = [
            ("clusterArn", "arn:c/d".to_owned()),
            ("dockerVersion", "DockerVersion: 20".to_owned()),
        ];
        for endpoint in ["http://127.0.0.1:4566/", "http://127.0.0.1:4566", "ws://127.0.0.1:4566"] {
            assert_eq!(
                address(endpoint, &query).unwrap().to_string(),
                "ws://127.0.0.1:4566/ws?clusterArn=arn%3Ac%2Fd&dockerVersion=DockerVersion%3A%2020"
            );
        }
        let secure = address("https://a:1/acs", &[]).unwrap().to_string();
        assert_eq!(secure, "wss://a:1/acs/ws");
        assert!(address("ftp://a", &query).is_err());
    }
}

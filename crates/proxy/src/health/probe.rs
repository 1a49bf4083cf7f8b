//! One question to one target, and whether its answer is that of a healthy one.

mod exchange;

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use berth_proxy_protocol::{
    GroupProtocol, HealthCheck, HealthProtocol, HttpVersion, Matcher, TargetGroup,
};
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::flow::proxy_header;
use crate::group::tls;

pub(super) type Answer = Result<(), Failure>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// An answer of HTTP's or gRPC's that is not one of those that are good.
    Code(u16),
    Timeout,
    /// No connection, or no answer that could be read.
    Broken,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Probe {
    address: SocketAddr,
    /// Whether the target expects to be told by the PROXY protocol who it is from: here, nobody's client.
    tells_origin: bool,
    is_encrypted: bool,
    /// None if a connection says enough.
    request: Option<Request>,
}

#[derive(Clone, Debug, PartialEq)]
struct Request {
    version: HttpVersion,
    path: String,
    matcher: Matcher,
}

impl Probe {
    pub(super) fn new(group: &TargetGroup, check: &HealthCheck, address: SocketAddr) -> Self {
        let speaks_http = matches!(group.protocol, GroupProtocol::Http | GroupProtocol::Https);
        let request = || Request {
            // AWS: a network balancer asks by HTTP/1.1 only.
            version: if speaks_http { group.http_version } else { HttpVersion::Http1 },
            path: check.path.clone(),
            matcher: check.matcher.clone(),
        };
        let (is_encrypted, request) = match check.protocol {
            HealthProtocol::Http => (false, Some(request())),
            HealthProtocol::Https => (true, Some(request())),
            HealthProtocol::Tcp => (false, None),
            HealthProtocol::Tls => (true, None),
        };
        Self { address, tells_origin: group.attributes.proxy_protocol_v2, is_encrypted, request }
    }

    pub(super) async fn ask(&self) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.map_err(|_| Failure::Broken)?;
        if self.tells_origin {
            let header = proxy_header::own();
            stream.write_all(&header).await.map_err(|_| Failure::Broken)?;
        }
        if !self.is_encrypted {
            return self.ask_by(stream).await;
        }
        let version = self.request.as_ref().map_or(HttpVersion::Http1, |r| r.version);
        let connector = TlsConnector::from(client_config(version));
        let name = tls::server_name(self.address.ip());
        let stream = connector.connect(name, stream).await.map_err(|_| Failure::Broken)?;
        self.ask_by(stream).await
    }

    async fn ask_by<S>(&self, stream: S) -> Answer
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match &self.request {
            None => Ok(()),
            Some(request) => {
                let code = exchange::code(stream, self.address, request, self.is_encrypted)
                    .await
                    .ok_or(Failure::Broken)?;
                if request.is_good(code) { Ok(()) } else { Err(Failure::Code(code)) }
            }
        }
    }
}

impl Request {
    fn is_good(&self, code: u16) -> bool {
        let (Matcher::Http(ranges) | Matcher::Grpc(ranges)) = &self.matcher;
        ranges.iter().any(|(first, last)| (*first..=*last).contains(&code))
    }
}

fn client_config(version: HttpVersion) -> Arc<ClientConfig> {
    static HTTP_1: LazyLock<Arc<ClientConfig>> =
        LazyLock::new(|| tls::client_config(&[b"http/1.1"]));
    static HTTP_2: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| tls::client_config(&[b"h2"]));
    match version {
        HttpVersion::Http1 => HTTP_1.clone(),
        HttpVersion::Http2 | HttpVersion::Grpc => HTTP_2.clone(),
    }
}

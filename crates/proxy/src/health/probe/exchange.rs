//! A request for a target's health, and the code in its answer.

use std::net::SocketAddr;
use std::pin::pin;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, TE, USER_AGENT};
use http::{HeaderMap, Method, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use super::Request;
use berth_proxy_protocol::HttpVersion;

/// What a head may have, and what is read of an answer's body.
const MOST_BYTES: usize = 64 * 1024;
/// A message without fields: what any service is asked for if it is not named.
const EMPTY_MESSAGE: &[u8] = &[0, 0, 0, 0, 0];

type Body = Full<Bytes>;

/// HTTP's status, or gRPC's. None if there is no such thing.
pub(super) async fn code<S>(
    stream: S,
    target: SocketAddr,
    request: &Request,
    is_encrypted: bool,
) -> Option<u16>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let io = TokioIo::new(stream);
    match request.version {
        HttpVersion::Http1 => {
            let mut builder = http1::Builder::new();
            builder.max_buf_size(MOST_BYTES);
            let (mut sender, connection) = builder.handshake(io).await.ok()?;
            let question = request.http_1(target)?;
            let answer =
                async { Some(sender.send_request(question).await.ok()?.status().as_u16()) };
            beside(connection, answer).await
        }
        HttpVersion::Http2 | HttpVersion::Grpc => {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder.max_header_list_size(MOST_BYTES as u32);
            let (mut sender, connection) = builder.handshake::<_, Body>(io).await.ok()?;
            let question = request.http_2(target, is_encrypted)?;
            let answer = async {
                let response = sender.send_request(question).await.ok()?;
                match request.version {
                    HttpVersion::Grpc => grpc_status(response).await,
                    _ => Some(response.status().as_u16()),
                }
            };
            beside(connection, answer).await
        }
    }
}

/// The answer comes for as long as its connection is looked after, and is there at the latest when that is over.
async fn beside<T>(connection: impl Future, answer: impl Future<Output = T>) -> T {
    let mut answer = pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

impl Request {
    fn http_1(&self, target: SocketAddr) -> Option<http::Request<Body>> {
        let request = http::Request::builder().uri(self.path.as_str()).header(CONNECTION, "close");
        elb(request).header(HOST, target.to_string()).body(Body::default()).ok()
    }

    fn http_2(&self, target: SocketAddr, is_encrypted: bool) -> Option<http::Request<Body>> {
        let uri = Uri::builder()
            .scheme(if is_encrypted { "https" } else { "http" })
            .authority(target.to_string())
            .path_and_query(self.path.as_str())
            .build()
            .ok()?;
        let request = elb(http::Request::builder().uri(uri));
        if self.version == HttpVersion::Grpc {
            let body = Body::from(EMPTY_MESSAGE);
            let request = request.method(Method::POST).header(TE, "trailers");
            request.header(CONTENT_TYPE, "application/grpc").body(body).ok()
        } else {
            request.body(Body::default()).ok()
        }
    }
}

/// AWS: targets know health checks by these headers.
fn elb(request: http::request::Builder) -> http::request::Builder {
    request.header(USER_AGENT, "ELB-HealthChecker/2.0").header(ACCEPT_ENCODING, "gzip, compressed")
}

/// In the trailers, or in the head of an answer that has nothing else.
async fn grpc_status(response: http::Response<hyper::body::Incoming>) -> Option<u16> {
    let of = |headers: &HeaderMap| headers.get("grpc-status")?.to_str().ok()?.parse().ok();
    if let Some(status) = of(response.headers()) {
        return Some(status);
    }
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await.ok()?;
    of(body.trailers()?)
}

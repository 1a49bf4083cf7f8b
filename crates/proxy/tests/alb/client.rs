//! Clients: one that speaks HTTP, and one that says whatever it wants.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, all of it.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub trailers: Option<HeaderMap>,
}

impl Answer {
    /// Which target answered.
    pub fn target(&self) -> &str {
        self.headers.get("x-target").map_or("", |name| name.to_str().expect("text"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// A connection for one request after another.
pub struct Client {
    sender: Sender,
}

enum Sender {
    Http1(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    Http2(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.expect("somebody listens");
        Client::over(stream).await.expect("nothing can be wrong yet")
    }

    /// HTTP/1.1, by any connection.
    pub async fn over<S>(stream: S) -> io::Result<Client>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Client { sender: Sender::Http1(sender) })
    }

    pub async fn http2<S>(stream: S) -> Client
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .expect("it speaks HTTP/2");
        tokio::spawn(connection);
        Client { sender: Sender::Http2(sender) }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path)).await
    }

    /// With a host of its own if the request names none.
    pub async fn send(&mut self, request: http::request::Builder) -> Answer {
        self.send_body(request, "").await
    }

    pub async fn send_body(
        &mut self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_send(request, body.into()).await.expect("an answer")
    }

    pub async fn try_get(&mut self, path: &str) -> io::Result<Answer> {
        self.try_send(Request::get(path), Bytes::new()).await
    }

    pub async fn try_send(
        &mut self,
        request: http::request::Builder,
        body: Bytes,
    ) -> io::Result<Answer> {
        let mut request = request.body(Full::new(body)).expect("a request");
        let response = match &mut self.sender {
            Sender::Http1(sender) => {
                let headers = request.headers_mut();
                headers.entry("host").or_insert_with(|| "test.example".parse().expect("a value"));
                sender.ready().await.map_err(io::Error::other)?;
                sender.send_request(request).await
            }
            Sender::Http2(sender) => {
                if request.uri().authority().is_none() {
                    let uri = format!("https://test.example{}", request.uri());
                    *request.uri_mut() = uri.parse().expect("a URI");
                }
                sender.send_request(request).await
            }
        };
        let (parts, body) = response.map_err(io::Error::other)?.into_parts();
        let body = body.collect().await.expect("a whole answer");
        let trailers = body.trailers().cloned();
        let body = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        Ok(Answer { status: parts.status, headers: parts.headers, body, trailers })
    }
}

/// One request on a connection of its own.
pub async fn get(address: SocketAddr, path: &str) -> Answer {
    Client::connect(address).await.get(path).await
}

/// Says this, and reads until the other side closes.
pub async fn say(address: SocketAddr, text: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    // Whoever is refused early may find the other side gone.
    let _written = stream.write_all(text.as_ref()).await;
    let mut heard = Vec::new();
    let _ended = stream.read_to_end(&mut heard).await;
    String::from_utf8(heard).expect("text")
}

/// Reads up to and including this.
pub async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with(end) {
        let byte = stream.read_u8().await.expect("there is more");
        heard.push(char::from(byte));
    }
    heard
}

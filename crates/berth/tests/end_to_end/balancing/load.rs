//! Clients of a balancer that never rest: HTTP/1.1 on new connections and on kept ones, HTTP/2 and WebSockets.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use berth_test_engine::Network;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsConnector;

/// Between two requests of a client.
const PACE: Duration = Duration::from_millis(20);
/// Longer than a balancer waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of each kind.
pub const CLIENTS: usize = 2;
/// What is said by a WebSocket before it ends.
const MESSAGES: usize = 5;

/// Where the balancer is, and who it says it is.
pub struct Load {
    pub network: Network,
    pub plain: SocketAddr,
    pub tls: SocketAddr,
    pub name: &'static str,
    pub certificate: CertificateDer<'static>,
}

/// What became of the requests, by the kind of client.
#[derive(Debug, Default)]
pub struct Outcome {
    pub answered: BTreeMap<&'static str, usize>,
    pub failed: Vec<Failed>,
}

#[derive(Debug)]
pub struct Failed {
    pub kind: &'static str,
    /// In which chapter it began.
    pub chapter: usize,
    pub _why: String,
}

/// What is going on meanwhile: whoever breaks something says so.
#[derive(Default)]
pub struct Chapter(AtomicUsize);

impl Chapter {
    pub fn next(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn now(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Load {
    /// While this is done.
    pub fn during(&self, act: impl FnOnce(&Chapter)) -> Outcome {
        let (chapter, is_over) = (Chapter::default(), AtomicBool::new(false));
        thread::scope(|scope| {
            let clients = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(self.clients(&chapter, &is_over))
            });
            // Also if it panics: the clients have to end for the scope to.
            let _over = Over(&is_over);
            act(&chapter);
            drop(_over);
            clients.join().expect("clients do not panic")
        })
    }

    async fn clients(&self, chapter: &Chapter, is_over: &AtomicBool) -> Outcome {
        let all = (0..CLIENTS).map(|_| async {
            tokio::join!(
                self.one("new connections", chapter, is_over),
                self.one("kept connections", chapter, is_over),
                self.one("HTTP/2", chapter, is_over),
                self.one("WebSockets", chapter, is_over),
            )
        });
        let mut outcome = Outcome::default();
        for (a, b, c, d) in futures_util::future::join_all(all).await {
            for told in [a, b, c, d] {
                for (kind, count) in told.answered {
                    *outcome.answered.entry(kind).or_default() += count;
                }
                outcome.failed.extend(told.failed);
            }
        }
        outcome
    }

    async fn one(&self, kind: &'static str, chapter: &Chapter, is_over: &AtomicBool) -> Outcome {
        let mut outcome = Outcome::default();
        let mut pace = interval(PACE);
        let mut kept = Kept::Nothing;
        while !is_over.load(Ordering::Relaxed) {
            pace.tick().await;
            let began = chapter.now();
            let asked = async {
                match kind {
                    "new connections" => self.by_new_connection().await,
                    "kept connections" => self.by_kept_connection(&mut kept).await,
                    "HTTP/2" => self.by_http2(&mut kept).await,
                    _ => self.by_web_socket().await,
                }
            };
            match timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(failure("no answer"))) {
                Ok(()) => *outcome.answered.entry(kind).or_default() += 1,
                Err(error) => {
                    kept = Kept::Nothing;
                    outcome.failed.push(Failed { kind, chapter: began, _why: error.to_string() });
                }
            }
        }
        outcome
    }

    async fn by_new_connection(&self) -> io::Result<()> {
        let mut sender = self.http1().await?;
        let request = request("GET", "/", self.name).header("connection", "close");
        is_page(sender.send_request(whole(request)).await).await
    }

    /// A connection that was closed while nothing was asked is replaced, as every client does.
    async fn by_kept_connection(&self, kept: &mut Kept) -> io::Result<()> {
        if !matches!(kept, Kept::Http1(sender) if !sender.is_closed()) {
            *kept = Kept::Http1(self.http1().await?);
        }
        let Kept::Http1(sender) = kept else { unreachable!("it was made") };
        if sender.ready().await.is_err() {
            *sender = self.http1().await?;
        }
        is_page(sender.send_request(whole(request("GET", "/", self.name))).await).await
    }

    async fn by_http2(&self, kept: &mut Kept) -> io::Result<()> {
        if !matches!(kept, Kept::Http2(sender) if !sender.is_closed()) {
            *kept = Kept::Http2(self.http2().await?);
        }
        let Kept::Http2(sender) = kept else { unreachable!("it was made") };
        if sender.ready().await.is_err() {
            *sender = self.http2().await?;
        }
        let uri = format!("https://{}/", self.name);
        is_page(sender.send_request(whole(Request::get(uri))).await).await
    }

    /// Says a few things, hears each of them, and leaves.
    async fn by_web_socket(&self) -> io::Result<()> {
        use futures_util::{SinkExt, StreamExt};
        let url = format!("ws://{}/echo", self.name);
        let stream = self.connect(self.plain)?;
        let (mut socket, _) =
            tokio_tungstenite::client_async(url, stream).await.map_err(failure)?;
        let mut pace = interval(PACE);
        for number in 0..MESSAGES {
            pace.tick().await;
            let said = format!("message {number}");
            socket.send(said.as_str().into()).await.map_err(failure)?;
            let heard = socket.next().await.ok_or_else(|| failure("it ended"))?.map_err(failure)?;
            if heard.to_text().is_ok_and(|heard| heard == said) {
                continue;
            }
            return Err(failure(format!("instead of {said}: {heard:?}")));
        }
        socket.close(None).await.map_err(failure)
    }

    async fn http1(&self) -> io::Result<http1::SendRequest<Empty<Bytes>>> {
        let stream = TokioIo::new(self.connect(self.plain)?);
        let (sender, connection) = http1::handshake(stream).await.map_err(failure)?;
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn http2(&self) -> io::Result<http2::SendRequest<Empty<Bytes>>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(failure)?;
        let mut config =
            ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from(self.name).map_err(failure)?;
        let stream = self.connect(self.tls)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(failure)?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// On the network of the test. It is a matter of a packet and its answer, so nobody is kept waiting.
    fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = self.network.connect(address)?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        TcpStream::from_std(stream)
    }
}

enum Kept {
    Nothing,
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn request(method: &str, path: &str, host: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("host", host)
}

fn whole(request: http::request::Builder) -> Request<Empty<Bytes>> {
    request.body(Empty::new()).expect("plain words are a request")
}

async fn is_page(answer: hyper::Result<hyper::Response<hyper::body::Incoming>>) -> io::Result<()> {
    let answer = answer.map_err(failure)?;
    let status = answer.status();
    let body = answer.into_body().collect().await.map_err(failure)?.to_bytes();
    match status.as_u16() == 200 && body.ends_with(b"</html>\n") {
        true => Ok(()),
        false => Err(failure(format!("{status} {}", String::from_utf8_lossy(&body)))),
    }
}

fn failure(why: impl Display) -> io::Error {
    io::Error::other(why.to_string())
}

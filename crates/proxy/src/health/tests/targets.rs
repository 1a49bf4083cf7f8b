//! Targets to be checked: each listens at a port of its own until its test is over.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a target answers, and what it was asked.
#[derive(Clone)]
pub(super) struct Answers {
    status: Arc<AtomicU16>,
    asked: Arc<AtomicUsize>,
    head: Arc<Mutex<String>>,
}

impl Answers {
    pub(super) fn new(status: u16) -> Self {
        let status = Arc::new(AtomicU16::new(status));
        Self { status, asked: Arc::default(), head: Arc::default() }
    }

    pub(super) fn set(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(super) fn last_head(&self) -> String {
        self.head.lock().expect("nobody panics with it").clone()
    }

    fn status(&self) -> u16 {
        self.status.load(Ordering::SeqCst)
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

/// Serves each connection with this, until the test's runtime is gone.
async fn serve<F, S>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

pub(super) async fn http_1(answers: &Answers) -> SocketAddr {
    let answers = answers.clone();
    serve(move |mut stream| {
        let answers = answers.clone();
        async move {
            let mut head = Vec::new();
            // The signature of the PROXY protocol has empty lines, too.
            while head.len() < 20 || !head.ends_with(b"\r\n\r\n") {
                match stream.read_buf(&mut head).await {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
            }
            *answers.head.lock().expect("nobody panics with it") =
                String::from_utf8_lossy(&head).into_owned();
            answers.asked.fetch_add(1, Ordering::SeqCst);
            let answer = format!("HTTP/1.1 {} \r\ncontent-length: 2\r\n\r\nok", answers.status());
            // Whoever asked may be gone.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await
}

pub(super) async fn http_2(answers: &Answers) -> SocketAddr {
    let answers = answers.clone();
    serve(move |stream| {
        let answers = answers.clone();
        async move {
            let service = service_fn(move |_| {
                let response = Response::builder().status(answers.status());
                std::future::ready(Ok::<_, Infallible>(
                    response.body(Full::<Bytes>::default()).expect("it is well formed"),
                ))
            });
            serve_http_2(stream, service).await;
        }
    })
    .await
}

pub(super) async fn grpc(status: u16, in_trailers: bool) -> SocketAddr {
    serve(move |stream| async move {
        let service = service_fn(move |request: http::Request<Incoming>| async move {
            assert_eq!(request.uri().path(), "/AWS.ALB/healthcheck");
            assert_eq!(request.method(), "POST");
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", status.into());
            let mut response = Response::new(());
            if !in_trailers {
                *response.headers_mut() = std::mem::take(&mut trailers);
            }
            let body = Full::<Bytes>::default();
            Ok::<_, Infallible>(response.map(|()| {
                body.with_trailers(async move { (!trailers.is_empty()).then_some(Ok(trailers)) })
            }))
        });
        serve_http_2(stream, service).await;
    })
    .await
}

async fn serve_http_2<S, B>(stream: TcpStream, service: S)
where
    S: HttpService<Incoming, ResBody = B, Error = Infallible>,
    S::Future: Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    // How it ends is for the one who asks to judge.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// The same target, behind TLS and a certificate that nobody signed.
pub(super) async fn over_tls(target: SocketAddr, protocol: &str) -> SocketAddr {
    let own = rcgen::generate_simple_self_signed(["elsewhere.example".to_owned()])
        .expect("a certificate can be made");
    let key = own.signing_key.serialize_der().try_into().expect("it was just written");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("they belong together");
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (Ok(mut stream), Ok(mut inside)) =
                (acceptor.accept(stream).await, TcpStream::connect(target).await)
            else {
                return;
            };
            let _ = copy_bidirectional(&mut stream, &mut inside).await;
        }
    })
    .await
}

/// Says something that is no protocol, whatever it is asked.
pub(super) async fn babbling() -> SocketAddr {
    serve(|mut stream| async move {
        let _ = stream.write_all(b"what?\r\n\r\n").await;
    })
    .await
}

/// Accepts, and says nothing.
pub(super) async fn mute() -> SocketAddr {
    serve(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await
}

/// Nobody listens here.
///
/// The socket that has the port stays bound, or another test could get it.
pub(super) async fn closed() -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().expect("there are sockets");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("there is a port");
    let address = socket.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let _bound = socket;
        std::future::pending::<()>().await;
    });
    address
}

//! Targets that do as they are told.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_proxy_protocol::Certificate;
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::authority::Authority;

pub type Body = BoxBody<Bytes, hyper::Error>;

/// Listens until it is dropped; connections go on until their tasks end with the test.
pub struct Target {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Target {
    /// Speaks HTTP/1.1, or HTTP/2 to whoever begins with it.
    pub async fn http<F, R>(answer: F) -> Target
    where
        F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response<Body>> + Send + 'static,
    {
        Target::raw(move |stream| serve(stream, answer.clone())).await
    }

    /// Does what it wants with each connection.
    pub async fn raw<F, R>(serve: F) -> Target
    where
        F: Fn(TcpStream) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Target { address, connections, accepting }
    }

    /// Answers 200 with what it was asked.
    pub async fn echo(name: &'static str) -> Target {
        Target::http(move |request| echo(name, request)).await
    }

    /// The same by TLS, with a certificate for some other host.
    pub async fn secured(authority: &Authority) -> Target {
        Target::secured_by(&authority.certificate("its own", &["other.example"]), |request| {
            echo("secured", request)
        })
        .await
    }

    /// By TLS, with this certificate.
    pub async fn secured_by<F, R>(identity: &Certificate, answer: F) -> Target
    where
        F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response<Body>> + Send + 'static,
    {
        let chain = CertificateDer::from_pem_slice(identity.chain.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(identity.private_key.0.as_bytes()).expect("PEM");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has both")
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .expect("they are of each other");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        Target::raw(move |stream| {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            async move {
                // Whoever does not believe it goes.
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, answer).await;
                }
            }
        })
        .await
    }

    /// How many were ever accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Where nobody listens.
pub async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    listener.local_addr().expect("it is bound")
}

/// However it ends, the other side sees it.
async fn serve<S, F, R>(stream: S, answer: F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    let _ended = server.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}

/// `METHOD URI VERSION`, headers, an empty line and the body, as they came.
async fn echo(name: &'static str, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let version = if parts.version == Version::HTTP_2 { "h2" } else { "h1" };
    let mut text = format!("{} {} {version}\n", parts.method, parts.uri);
    for (name, value) in &parts.headers {
        text.push_str(&format!("{name}: {}\n", value.to_str().expect("text")));
    }
    text.push('\n');
    let mut text = text.into_bytes();
    text.extend(body.collect().await.expect("the body comes").to_bytes());
    Response::builder().header("x-target", name).body(full(text)).expect("a response")
}

pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

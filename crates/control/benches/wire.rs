//! What TLS costs: the same small request on one connection that stays open, plain and by TLS, and a handshake.
//!
//! Client and server share a process, whose processors' time is what is measured: a figure is both sides' work, and the
//! ratio is what counts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use berth_control::env::{Clock, Env, SystemClock};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions, Peer, Route};
use berth_control::server::{Listeners, Server, ServerOptions};
use berth_control::tls::{Authority, Certificates};
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use process_time::ProcessTime;

#[path = "wire/process_time.rs"]
mod process_time;

/// A page of a kilobyte, as long as an ordinary answer of ECS.
struct Page;

#[async_trait]
impl Route for Page {
    async fn answer(&self, _: &Request<Bytes>, _: Peer) -> Response<Bytes> {
        static PAGE: [u8; 1024] = [b'x'; 1024];
        Response::new(Bytes::from_static(&PAGE))
    }
}

fn endpoint() -> Endpoint {
    EndpointBuilder::new(EndpointOptions {
        env: Env::system(),
        account: "123456789012".parse().expect("twelve digits"),
        default_region: "home".parse().expect("a well-formed region"),
        authenticator: Arc::new(OpenAuthenticator),
        authorizer: Arc::new(AllowAll),
        metrics: Metrics::new(),
    })
    .route(Method::GET, "/page", Page)
    .build()
    .expect("one path cannot collide")
}

/// A server's certificates, and a client that trusts their authority. Sessions are never resumed.
fn certificates() -> (Arc<Certificates>, TlsConnector) {
    let now = SystemClock.now();
    let key = Authority::generate_key().expect("a key");
    let certificate = Authority::certify(&key, now).expect("a certificate");
    let authority = Authority::parse(&key, &certificate).expect("they belong together");
    let certificates = Certificates::new(authority, Vec::new(), Arc::new(SystemClock));
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("it is PEM");
    roots.add(trusted).expect("it is an authority's");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.resumption = rustls::client::Resumption::disabled();
    (Arc::new(certificates.expect("no names")), TlsConnector::from(Arc::new(client)))
}

async fn connected(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket can");
    stream
}

async fn secured(
    connector: &TlsConnector,
    stream: TcpStream,
) -> impl AsyncRead + AsyncWrite + use<> {
    let name = ServerName::from(IpAddr::from(Ipv4Addr::LOCALHOST));
    connector.connect(name, stream).await.expect("it is trusted")
}

async fn client<I>(io: I) -> SendRequest<Full<Bytes>>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(io)).await;
    let (sender, connection) = handshake.expect("a fresh connection");
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &mut SendRequest<Full<Bytes>>) -> usize {
    let request = Request::get("/page").header("host", "localhost").body(Full::default());
    sender.ready().await.expect("it stays open");
    let answer = sender.send_request(request.expect("constant parts")).await.expect("an answer");
    answer.into_body().collect().await.expect("a whole one").to_bytes().len()
}

fn wire(criterion: &mut Criterion<ProcessTime>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let (certificates, connector) = certificates();
    let server = runtime.block_on(async {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listeners = Listeners::bind(&[any]).await.expect("a port is free");
        let options =
            ServerOptions { certificates: Some(certificates), ..ServerOptions::default() };
        Server::serve(endpoint(), listeners, options)
    });
    let address = server.addresses()[0];
    let (mut plain, mut secure) = runtime.block_on(async {
        let secure = secured(&connector, connected(address).await).await;
        (client(connected(address).await).await, client(Box::pin(secure)).await)
    });
    let mut group = criterion.benchmark_group("wire");
    group.throughput(Throughput::Elements(1));
    for (name, sender) in [("plain request", &mut plain), ("request by TLS", &mut secure)] {
        assert_eq!(runtime.block_on(ask(sender)), 1024);
        group.bench_function(name, |bencher| bencher.iter(|| runtime.block_on(ask(sender))));
    }
    group.bench_function("plain connection", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async { ask(&mut client(connected(address).await).await).await })
        });
    });
    group.bench_function("connection by TLS", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let secure = secured(&connector, connected(address).await).await;
                ask(&mut client(Box::pin(secure)).await).await
            })
        });
    });
    group.finish();
    drop(server);
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessTime);
    targets = wire
}
criterion_main!(benches);

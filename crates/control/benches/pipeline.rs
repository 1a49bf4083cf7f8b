//! Decode → answer of a trivial operation, without a socket: what the frame itself costs per request.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use berth_aws_api::fixture as api;
use berth_aws_protocol::sigv4::{Credentials, Signer};
use berth_control::env::{Env, SystemClock};
use berth_control::metrics::Metrics;
use berth_control::pipeline::access::AccessTable;
use berth_control::pipeline::authenticate::{
    Authenticator, OpenAuthenticator, SigV4Authenticator, StaticCredentials,
};
use berth_control::pipeline::throttle::{Category, RateLimits};
use berth_control::pipeline::{
    AllowAll, Call, Endpoint, EndpointBuilder, EndpointOptions, Failure, Peer, ServiceBuilder,
};
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::Request;

struct Echo;

async fn put_text(
    _: Arc<Echo>,
    _: Call,
    input: api::PutTextRequest,
) -> Result<api::PutTextResponse, Failure<api::Error>> {
    Ok(api::PutTextResponse { text: input.text })
}

static RATES: &[Category] = &[Category::new("Actions", (u32::MAX, u32::MAX), &["PutText"])];

fn access_table() -> AccessTable<Echo> {
    AccessTable::new("fixture").operation::<api::ops::PutText>(|_, _| {})
}

fn endpoint(authenticator: impl Authenticator) -> Endpoint {
    EndpointBuilder::new(EndpointOptions {
        env: Env::system(),
        account: "123456789012".parse().expect("twelve digits"),
        default_region: "home".parse().expect("a well-formed region"),
        authenticator: Arc::new(authenticator),
        authorizer: Arc::new(AllowAll),
        metrics: Metrics::new(),
    })
    .service(
        ServiceBuilder::new(Arc::new(Echo), access_table())
            .rates(RATES)
            .operation::<api::ops::PutText, _, _>(put_text),
    )
    .rate_limits(RateLimits::AWS)
    .build()
    .expect("one operation cannot collide")
}

fn signed() -> Request<Bytes> {
    use berth_control::env::Clock;
    let mut request = Request::post("http://localhost/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "Fixture_20260131.PutText")
        .body(Bytes::from_static(br#"{"Name":"echo","Text":"hello"}"#))
        .expect("constant parts");
    let credentials = Credentials::new("AKIDADMIN", "secret");
    Signer::new(&credentials, "eu-west-1", "fixture")
        .sign(&mut request, SystemClock.now())
        .expect("constant credentials");
    request
}

fn pipeline(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let peer = Peer::plain(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let keys = StaticCredentials::new().with_administrator("AKIDADMIN", "secret");
    let endpoints = [
        ("enforce", endpoint(SigV4Authenticator::new(keys))),
        ("open", endpoint(OpenAuthenticator)),
    ];
    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Elements(1));
    for (name, endpoint) in &endpoints {
        let request = signed();
        let response = runtime.block_on(endpoint.handle(request.clone(), peer));
        assert_eq!(response.status(), 200, "{response:?}");
        group.bench_function(*name, |bencher| {
            bencher.iter(|| black_box(runtime.block_on(endpoint.handle(request.clone(), peer))));
        });
    }
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);

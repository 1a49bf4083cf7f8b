//! HTTP/2 and gRPC, to targets.

use berth_proxy_protocol::{GroupProtocol, HttpVersion, ListenerProtocol};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use crate::authority::{Authority, secured};
use crate::client::Client;
use crate::target::{Body, Target};
use crate::world::{World, forward, group};

/// A balancer with TLS in front of targets that speak this.
async fn world(authority: &Authority, target: &Target, version: HttpVersion) -> World {
    let mut world = World::new(vec![forward("group")], vec![group("group", &[target.address])]);
    world.configuration.certificates = vec![authority.certificate("only", &["test.example"])];
    world.listener().protocol = ListenerProtocol::Https;
    world.listener().certificates = vec!["only".into()];
    world.group().http_version = version;
    world.apply();
    world
}

async fn http2(authority: &Authority, world: &World) -> Client {
    let config = authority.trusting(&["h2"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    Client::http2(stream).await
}

#[tokio::test]
async fn requests_share_a_connection_of_http_2() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let world = world(&authority, &target, HttpVersion::Http2).await;
    let mut client = http2(&authority, &world).await;
    for _ in 0..10 {
        let answer = client.send_body(Request::post("/x?y").header("te", "trailers"), "hi").await;
        assert!(answer.body.starts_with("POST http://test.example/x?y h2\n"), "{}", answer.body);
        assert!(answer.body.contains("te: trailers\n"), "{}", answer.body);
        assert!(!answer.body.contains("host: "), "{}", answer.body);
        assert!(answer.body.ends_with("\nhi"));
    }
    assert_eq!(target.connections(), 1);
}

/// Answers with two messages and a status behind them.
async fn grpc() -> Target {
    Target::http(|request| async move {
        let sent = request.into_body().collect().await.expect("the body comes").to_bytes();
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", "7".parse().expect("a value"));
        let frames = [Frame::data(sent.clone()), Frame::data(sent), Frame::trailers(trailers)];
        let body = StreamBody::new(stream::iter(frames.map(Ok::<Frame<Bytes>, hyper::Error>)));
        let mut response = Response::new(Body::new(body));
        response.headers_mut().insert("content-type", "application/grpc".parse().expect("a value"));
        response
    })
    .await
}

#[tokio::test]
async fn what_comes_behind_a_body_is_passed_on() {
    let (authority, target) = (Authority::new("root"), grpc().await);
    let world = world(&authority, &target, HttpVersion::Grpc).await;
    let mut client = http2(&authority, &world).await;
    let request = || Request::post("/pkg.Service/Call").header("content-type", "application/grpc");
    let answer = client.send_body(request(), "message").await;
    assert_eq!(answer.body, "messagemessage");
    assert_eq!(answer.trailers.expect("there are some")["grpc-status"], "7");

    assert_eq!(client.get("/").await.status.as_u16(), 464, "gRPC is only posted");
    assert_eq!(world.metric("GrpcRequestCount"), 1);
}

#[tokio::test]
async fn versions_that_do_not_fit_are_464() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let mut world = world(&authority, &target, HttpVersion::Http2).await;
    let config = authority.trusting(&["http/1.1"], None);
    let stream = secured(config, world.address(), "test.example").await.expect("it is trusted");
    let mut client = Client::over(stream).await.expect("it is a connection");
    assert_eq!(client.get("/").await.status.as_u16(), 464);

    world.group().http_version = HttpVersion::Http1;
    world.apply();
    assert_eq!(client.get("/").await.status.as_u16(), 200);
    let mut client = http2(&authority, &world).await;
    let request = Request::post("/s/m").header("content-type", "application/grpc+proto");
    assert_eq!(client.send_body(request, "x").await.status.as_u16(), 464);
}

#[tokio::test]
async fn targets_may_have_any_certificate() {
    let authority = Authority::new("root");
    for version in [HttpVersion::Http1, HttpVersion::Http2] {
        let target = Target::secured(&Authority::new("its own")).await;
        let mut world = world(&authority, &target, version).await;
        world.group().protocol = GroupProtocol::Https;
        world.apply();
        let mut client = http2(&authority, &world).await;
        for _ in 0..3 {
            let answer = client.get("/").await;
            assert_eq!((answer.status.as_u16(), answer.target()), (200, "secured"), "{version:?}");
        }
        assert_eq!(target.connections(), 1, "{version:?}");
    }
}

#[tokio::test]
async fn a_body_of_two_lengths_is_nobodys() {
    let (authority, target) = (Authority::new("root"), Target::echo("one").await);
    let world = world(&authority, &target, HttpVersion::Http1).await;
    for (other, status) in [("0", Some(400)), ("46", None)] {
        let mut client = http2(&authority, &world).await;
        let request = Request::post("/").header("content-length", "0");
        let answer = client.try_send(request.header("content-length", other), Bytes::new()).await;
        // Of two that differ, the stream is already reset.
        assert_eq!(answer.ok().map(|answer| answer.status.as_u16()), status, "{other}");
    }
    assert_eq!(target.connections(), 0);
}

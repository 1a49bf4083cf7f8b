//! Bodies that are long, or that come bit by bit.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, read_until, say};
use crate::target::{Body, Target, full};
use crate::world::World;

#[tokio::test]
async fn bytes_are_passed_on_as_they_come() {
    // Says what it hears, before it has heard all.
    let target =
        Target::http(|request| async move { Response::new(Body::new(request.into_body())) }).await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let head = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
    client.write_all(head.as_bytes()).await.expect("somebody reads");
    read_until(&mut client, "\r\n\r\n").await;
    for word in ["one", "two", "six"] {
        client.write_all(format!("3\r\n{word}\r\n").as_bytes()).await.expect("somebody reads");
        let heard = read_until(&mut client, &format!("{word}\r\n")).await;
        assert_eq!(heard, format!("3\r\n{word}\r\n"));
    }
    client.write_all(b"0\r\n\r\n").await.expect("somebody reads");
    assert_eq!(read_until(&mut client, "0\r\n\r\n").await, "0\r\n\r\n");
}

#[tokio::test]
async fn what_is_long_arrives_whole() {
    let target = Target::http(|request| async move {
        let body = request.into_body().collect().await.expect("it comes").to_bytes();
        let sum: u64 = body.iter().copied().map(u64::from).sum();
        let answer: Vec<u8> = (0..8_000_000u32).map(|place| b'a' + (place % 23) as u8).collect();
        let mut response = Response::new(full(answer));
        response.headers_mut().insert("x-sum", sum.into());
        response
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    for _ in 0..2 {
        let body: Vec<u8> = (0..5_000_000u32).map(|place| (place % 251) as u8).collect();
        let sum: u64 = body.iter().copied().map(u64::from).sum();
        let answer = client.send_body(Request::post("/"), Bytes::from(body)).await;
        assert_eq!(answer.header("x-sum"), sum.to_string());
        assert_eq!(answer.body.len(), 8_000_000);
        assert!(answer.body.ends_with("fgh") || answer.body.bytes().all(|it| it.is_ascii()));
    }
    assert!(world.metric("ProcessedBytes") >= 26_000_000);
    assert_eq!(target.connections(), 1);
}

#[tokio::test]
async fn answers_without_a_body_leave_the_connection_as_it_was() {
    let target = Target::http(|request| async move {
        let mut response = Response::new(full(""));
        match request.uri().path() {
            "/204" => *response.status_mut() = http::StatusCode::NO_CONTENT,
            "/304" => *response.status_mut() = http::StatusCode::NOT_MODIFIED,
            _ if request.method() == Method::HEAD => {
                response.headers_mut().insert("content-length", 1234.into());
            }
            _ => {}
        }
        response
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    for _ in 0..3 {
        let head = client.send(Request::head("/x")).await;
        assert_eq!((head.header("content-length"), &*head.body), ("1234", ""));
        assert_eq!(client.get("/204").await.status.as_u16(), 204);
        assert_eq!(client.get("/304").await.status.as_u16(), 304);
        assert_eq!(client.get("/").await.body, "");
    }
    assert_eq!(target.connections(), 1);
}

#[tokio::test]
async fn whoever_asks_first_whether_to_send_is_told_to() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let head = "POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
    client.write_all(head.as_bytes()).await.expect("somebody reads");
    assert_eq!(read_until(&mut client, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"abc").await.expect("somebody reads");
    let heard = read_until(&mut client, "\nabc").await;
    assert!(!heard.contains("expect"), "{heard}");
}

#[tokio::test]
async fn the_oldest_clients_are_served() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let heard = say(world.address(), "GET /old HTTP/1.0\r\n\r\n").await;
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n"), "{heard}");
    let host = format!("host: {}\n", world.address());
    assert!(heard.contains("GET /old h1\n") && heard.contains(&host), "{heard}");
}

#[tokio::test]
async fn a_target_may_say_something_before_its_answer() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let answer = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(answer.as_bytes()).await.expect("somebody reads");
        let _more = stream.read_u8().await;
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    assert_eq!(Client::connect(world.address()).await.get("/").await.body, "ok");
}

//! One port that speaks TLS and plain HTTP, and what becomes of those who speak neither.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::Message;

use super::client::*;
use super::sockets::handshake;
use crate::pipeline::tests::world::{World, put_text, signed};
use crate::server::{PlainHttp, ServerOptions};
use crate::tls::Certificates;
use crate::tls::tests::Files;

async fn running(change: impl FnOnce(&mut ServerOptions)) -> (Files, Running) {
    let files = Files::new();
    let certificates = Certificates::new(files.authority(), Vec::new(), files.clock()).unwrap();
    let running = Running::with(World::enforcing(), |options| {
        options.certificates = Some(Arc::new(certificates));
        options.plain_http = PlainHttp::Local;
        change(options);
    })
    .await;
    (files, running)
}

async fn secure(running: &Running, files: &Files, alpn: &[&str]) -> TlsStream<TcpStream> {
    let mut config = files.client();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(running.address()).await.unwrap();
    let name = ServerName::from(IpAddr::from(Ipv4Addr::LOCALHOST));
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

fn counted(running: &Running, name: &str) -> u64 {
    let page = running.metrics.render();
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |count| count.parse().unwrap())
}

async fn until_counted(running: &Running, name: &str, count: u64) {
    while counted(running, name) < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_port_speaks_tls_and_plain_http() {
    let (files, running) = running(|_| {}).await;
    let mut stream = secure(&running, &files, &["http/1.1"]).await;
    let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let mut plain = running.connect().await;
    assert_eq!(plain.call("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.status, 200);
    assert_eq!(counted(&running, "berth_tls_handshakes_total{outcome=\"ok\"}"), 1);
    assert_eq!(counted(&running, "berth_plain_http_refused_total"), 0);
}

#[tokio::test]
async fn http_2_is_agreed_on_in_the_handshake() {
    let (files, running) = running(|_| {}).await;
    let stream = secure(&running, &files, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(signed(put_text("echo", "over TLS")).map(Full::new));
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("over TLS"), "{body:?}");
}

#[tokio::test]
async fn web_sockets_pass_through_tls() {
    let (files, running) = running(|_| {}).await;
    let stream = secure(&running, &files, &[]).await;
    let request = handshake(&running, "?name=one", true);
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let greeting = socket.next().await.unwrap().unwrap();
    assert!(greeting.to_string().starts_with("hello one"), "{greeting}");
    let long = Message::text("x".repeat(100_000));
    socket.send(long.clone()).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), long);
}

#[tokio::test]
async fn plain_http_is_refused_in_words_on_the_clients_wire() {
    let (files, running) = running(|options| options.plain_http = PlainHttp::Never).await;
    let mut client = running.connect().await;
    let reply = client.call(post(&text("echo", "one"))).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("AccessDeniedException"), "{reply:?}");
    assert!(reply.body.contains("https://") && reply.body.contains("--plain-http"), "{reply:?}");
    // Routes, sockets and all.
    for path in ["/health", "/ws"] {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n");
        let reply = client.call(request).await;
        assert!((400..=403).contains(&reply.status), "{reply:?}");
        assert!(reply.body.contains("https://"), "{reply:?}");
    }
    assert_eq!(counted(&running, "berth_plain_http_refused_total"), 3);
    assert_eq!(running.runs(), 0);
    secure(&running, &files, &["h2"]).await;
}

#[tokio::test]
async fn garbage_and_strangers_are_counted_and_disturb_nobody() {
    let (files, running) = running(|_| {}).await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        &b"\x16\xff\xff\xff\xff"[..],
        &[0x16; 100],
    ] {
        let mut client = running.connect().await;
        client.send(garbage).await;
        client.stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // An alert, or nothing; never an answer in HTTP.
        let _ = client.stream.read_to_end(&mut answer).await;
        assert!(answer.first().is_none_or(|first| *first == 0x15), "{answer:?}");
    }
    let stranger = TlsConnector::from(Arc::new(Files::new().client()));
    let stream = TcpStream::connect(running.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let error = stranger.connect(name, stream).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");

    until_counted(&running, "berth_tls_handshakes_total{outcome=\"failed\"}", 4).await;
    secure(&running, &files, &[]).await;
}

#[tokio::test]
async fn a_handshake_that_is_never_finished_holds_nothing_up_and_ends() {
    let limit = Duration::from_millis(50);
    let (files, running) = running(|options| options.handshake_timeout = limit).await;
    let mut hanging = Vec::new();
    for _ in 0..20 {
        let mut client = running.connect().await;
        client.send(b"\x16\x03\x01\x02\x00").await;
        hanging.push(client);
    }
    secure(&running, &files, &[]).await;
    for mut client in hanging {
        assert!(client.reply().await.is_none(), "it is hung up on");
    }
    assert_eq!(counted(&running, "berth_tls_handshakes_total{outcome=\"timeout\"}"), 20);
}

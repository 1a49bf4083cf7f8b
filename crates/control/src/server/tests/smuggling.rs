//! Requests that two readers could take for different ones: whoever stands in front of the server may be the other.
//!
//! In all of them another request hides that anybody could see run, since nothing is signed here.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::*;
use crate::pipeline::tests::world::{World, signed};

/// After it the server hangs up, if it has not done so before.
const LAST: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What comes of these bytes and of a last request: the answers' statuses, and how much ran.
async fn sent(running: &Running, bytes: &str) -> (Vec<u16>, usize) {
    let before = running.runs();
    let mut client = running.connect().await;
    // Whoever has heard enough hangs up while we are sending.
    let _ = client.stream.write_all(format!("{bytes}{LAST}").as_bytes()).await;
    let mut statuses = Vec::new();
    while let Some(reply) = client.reply().await {
        statuses.push(reply.status);
    }
    (statuses, running.runs() - before)
}

/// Nothing ran, and the connection ended there. The answer may be lost: it comes while we are still sending.
async fn is_refused(running: &Running, bytes: &str, status: u16) {
    let (statuses, ran) = sent(running, bytes).await;
    assert!([&[status][..], &[]].contains(&&statuses[..]), "{statuses:?}: {bytes:.400}");
    assert_eq!(ran, 0, "{bytes:.400}");
}

fn hidden() -> String {
    post(&text("echo", "hidden"))
}

#[tokio::test]
async fn lengths_that_contradict_each_other_are_no_lengths() {
    let running = Running::open().await;
    let hidden = hidden();
    for lengths in [
        format!("Content-Length: 0\r\nContent-Length: {}", hidden.len()),
        format!("Content-Length: {}\r\nContent-Length: 0", hidden.len()),
        format!("Content-Length: 0, {}", hidden.len()),
        "Content-Length: +0".to_owned(),
        "Content-Length: -1".to_owned(),
        "Content-Length: 0x0".to_owned(),
        "Content-Length: 99999999999999999999".to_owned(),
        "Content-Length : 0".to_owned(),
        "Content-Length:\x0b0".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding: identity".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
        "X-Folded: a\r\n Transfer-Encoding: chunked".to_owned(),
        "X-Return: a\rTransfer-Encoding: chunked".to_owned(),
        "X-Null: a\0".to_owned(),
    ] {
        is_refused(&running, &format!("{}{lengths}\r\n\r\n{hidden}", head()), 400).await;
    }
}

#[tokio::test]
async fn a_length_and_chunks_together_are_refused() {
    let running = Running::open().await;
    let (chunks, hidden) = ("0\r\n\r\n", hidden());
    let length = format!("Content-Length: {}", chunks.len() + hidden.len());
    let chunked = "Transfer-Encoding: chunked";
    for both in [format!("{length}\r\n{chunked}"), format!("{chunked}\r\n{length}")] {
        is_refused(&running, &format!("{}{both}\r\n\r\n{chunks}{hidden}", head()), 400).await;
    }
}

#[tokio::test]
async fn chunks_that_lie_end_the_connection() {
    let running = Running::open().await;
    let hidden = hidden();
    for chunks in [
        format!("5;\n\r\n{hidden}"),
        format!("-1\r\n{hidden}"),
        format!("0x5\r\nhello\r\n0\r\n\r\n{hidden}"),
        format!("5\r\nhello!\r\n0\r\n\r\n{hidden}"),
        format!("fffffffffffffffff\r\n{hidden}"),
    ] {
        let request = format!("{}Transfer-Encoding: chunked\r\n\r\n{chunks}", head());
        is_refused(&running, &request, 400).await;
    }
}

#[tokio::test]
async fn what_is_left_of_a_refused_body_is_no_request() {
    let running = Running::with(World::open(), |options| options.body_limit = 10).await;
    let many = hidden().repeat(20_000);
    let request = format!("{}Content-Length: {}\r\n\r\n{many}", head(), many.len());
    is_refused(&running, &request, 413).await;
}

#[tokio::test]
async fn what_comes_of_a_body_too_late_is_no_request() {
    let running =
        Running::with(World::open(), |options| options.body_timeout = Duration::from_millis(50))
            .await;
    let hidden = hidden();
    let mut client = running.connect().await;
    client.send(format!("{}Content-Length: {}\r\n\r\n", head(), hidden.len())).await;
    assert_eq!(client.reply().await.unwrap().status, 408);
    // It may have hung up already.
    let _ = client.stream.write_all(hidden.as_bytes()).await;
    assert!(client.reply().await.is_none());
    assert_eq!(running.runs(), 0);
}

#[tokio::test]
async fn a_path_is_served_in_one_spelling() {
    let running = Running::with(World::enforcing(), |_| {}).await;
    let statuses = async |target: &str, signed_target: &str| {
        let uri = format!("http://localhost{signed_target}");
        let request = signed(http::Request::get(uri).body("".into()).unwrap());
        let mut text = format!("GET {target} HTTP/1.1\r\n");
        for (name, value) in request.headers() {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        sent(&running, &format!("{text}\r\n")).await
    };
    assert_eq!(statuses("/fixture/who", "/fixture/who").await, (vec![200, 200], 1));
    // Named whole, as to a proxy, it is the same request; who it is addressed to is what was signed.
    let whole = "http://localhost/fixture/who";
    assert_eq!(statuses(whole, "/fixture/who").await, (vec![200, 200], 1));
    for target in [
        "//fixture/who",
        "/fixture//who",
        "/fixture/./who",
        "/x/../fixture/who",
        "/fixture/who/",
        "/fixture/%77ho",
        "/%2ffixture/who",
        "/fixture/who;a=b",
        "/Fixture/who",
        "/fixture\\who",
    ] {
        let (statuses, ran) = statuses(target, target).await;
        assert!([400, 404].contains(&statuses[0]), "{target}: {statuses:?}");
        assert_eq!(ran, 0, "{target}");
    }
}

#[tokio::test]
async fn a_header_that_decides_may_not_be_doubled() {
    let running = Running::with(World::enforcing(), |_| {}).await;
    let get = http::Request::get("http://localhost/fixture/who").body("".into()).unwrap();
    let headers = signed(get).headers().clone();
    for doubled in ["host", "authorization", "x-amz-date"] {
        let mut text = "GET /fixture/who HTTP/1.1\r\n".to_owned();
        for (name, value) in &headers {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        text.push_str(&format!("{doubled}: {}\r\n", headers[doubled].to_str().unwrap()));
        let (statuses, ran) = sent(&running, &format!("{text}\r\n")).await;
        assert_eq!((statuses[0], ran), (400, 0), "{doubled}");
    }
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Headers, spelled out.
fn headers(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

#[tokio::test]
async fn http_2_has_no_headers_of_http_1() {
    const HEADERS: u8 = 1;
    let running = Running::open().await;
    let pseudo = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "localhost"),
        (":path", "/health"),
    ];
    for (name, value, is_fine) in [
        ("accept", "*/*", true),
        ("te", "trailers", true),
        ("te", "gzip", false),
        ("connection", "close", false),
        ("keep-alive", "timeout=5", false),
        ("proxy-connection", "close", false),
        ("transfer-encoding", "chunked", false),
        ("upgrade", "websocket", false),
        ("content-length", "5", false),
        ("X-Upper", "a", false),
        ("x-split", "a\r\nb: c", false),
        (":path", "/metrics", false),
    ] {
        let mut fields = pseudo.to_vec();
        fields.push((name, value));
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend(frame(4, 0, 0, &[]));
        // The headers, which are all of them, and all of the request.
        bytes.extend(frame(HEADERS, 5, 1, &headers(&fields)));
        stream.write_all(&bytes).await.unwrap();
        // Until it is answered, or reset, or the server hangs up.
        let is_answered = loop {
            let mut head = [0; 9];
            let Ok(_) = stream.read_exact(&mut head).await else { break false };
            let length = usize::from(head[1]) << 8 | usize::from(head[2]);
            let Ok(_) = stream.read_exact(&mut vec![0; length]).await else { break false };
            if head[8] == 1 {
                break head[3] == HEADERS;
            }
        };
        assert_eq!(is_answered, is_fine, "{name}: {value}");
    }
}

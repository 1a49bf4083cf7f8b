//! What targets of HTTP/1.1 read and write, byte by byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, get, read_until, say};
use crate::target::Target;
use crate::world::World;

/// Answers each head with itself.
async fn mirror(mut stream: TcpStream) {
    while is_asked(&stream).await {
        let head = read_until(&mut stream, "\r\n\r\n").await;
        let length = head.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{head}");
        stream.write_all(answer.as_bytes()).await.expect("somebody reads");
    }
}

/// Whether something comes, and not the end.
async fn is_asked(stream: &TcpStream) -> bool {
    stream.peek(&mut [0]).await.is_ok_and(|count| count > 0)
}

#[tokio::test]
async fn names_of_headers_are_written_as_elb_writes_them() {
    let target = Target::raw(mirror).await;
    let world = World::forwarding_to(&[target.address]);
    let seen = get(world.address(), "/a?b=c").await.body;
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[0], "GET /a?b=c HTTP/1.1");
    let port = format!("X-Forwarded-Port: {}", world.address().port());
    for line in ["X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http", &port] {
        assert!(lines.contains(&line), "{line} in {seen}");
    }
    for name in ["Host: ", "X-Amzn-Trace-Id: Root=1-"] {
        assert_eq!(lines.iter().filter(|line| line.starts_with(name)).count(), 1, "{seen}");
    }
    assert!(!seen.to_lowercase().contains("transfer-encoding"), "{seen}");
}

#[tokio::test]
async fn a_body_has_the_length_that_its_client_said_or_comes_in_chunks() {
    let target = Target::raw(|mut stream| async move {
        let mut request = read_until(&mut stream, "\r\n\r\n").await;
        let is_chunked = request.contains("Transfer-Encoding: chunked\r\n");
        request += &read_until(&mut stream, if is_chunked { "0\r\n\r\n" } else { "abc" }).await;
        let length = request.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{request}");
        stream.write_all(answer.as_bytes()).await.expect("somebody reads");
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let post = "POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n";
    let heard = say(world.address(), format!("{post}content-length: 3\r\n\r\nabc")).await;
    assert!(
        heard.contains("\r\nContent-Length: 3\r\n") && heard.ends_with("\r\n\r\nabc"),
        "{heard}"
    );
    let chunks = "2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
    let heard =
        say(world.address(), format!("{post}transfer-encoding: chunked\r\n\r\n{chunks}")).await;
    let (_, seen) = heard.split_once("\r\n\r\n").expect("a whole head");
    assert!(!seen.contains("Content-Length: "), "{heard}");
    let (_, body) = heard.rsplit_once("chunked\r\n").expect("it is said before other headers");
    let body = body.split_once("\r\n\r\n").expect("headers end").1;
    assert_eq!(unwrapped(body), "abc", "{heard}");
}

/// What chunks without extensions have in them.
fn unwrapped(mut chunks: &str) -> String {
    let mut data = String::new();
    while let Some((size, rest)) = chunks.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        data.push_str(&rest[..size]);
        chunks = &rest[size + 2..];
    }
    data
}

#[tokio::test]
async fn what_can_do_no_harm_twice_is_asked_again_and_nothing_else() {
    // Of three requests the second ends its connection, unanswered.
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let target = Target::raw(move |mut stream| {
        let asked = Arc::clone(&counted);
        async move {
            while is_asked(&stream).await {
                read_until(&mut stream, "\r\n\r\n").await;
                if asked.fetch_add(1, Ordering::SeqCst) % 3 == 1 {
                    return;
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.expect("somebody reads");
            }
        }
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    assert_eq!(client.get("/").await.body, "ok");
    assert_eq!(client.get("/").await.body, "ok");
    assert_eq!((asked.load(Ordering::SeqCst), target.connections()), (3, 2));
    // The fifth is the next to be left unanswered. This time it might do harm.
    assert_eq!(client.get("/").await.body, "ok");
    let answer = client.send(Request::post("/").header("content-length", "0")).await;
    assert_eq!(answer.status.as_u16(), 502);
    assert_eq!((asked.load(Ordering::SeqCst), target.connections()), (5, 2));
}

#[tokio::test]
async fn whoever_answers_before_all_is_said_gets_nothing_else_on_that_connection() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let answer = b"HTTP/1.1 413 Enough\r\ncontent-length: 2\r\n\r\nno";
        stream.write_all(answer).await.expect("somebody reads");
        let _all = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    for connections in 1..=2 {
        let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
        let half = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nhalf";
        client.write_all(half.as_bytes()).await.expect("somebody reads");
        let heard = read_until(&mut client, "\r\n\r\nno").await;
        assert!(heard.starts_with("HTTP/1.1 413 Enough\r\n"), "{heard}");
        assert_eq!(target.connections(), connections);
    }
}

#[tokio::test]
async fn more_than_was_asked_for_is_nobodys_answer() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nmine";
        stream.write_all([answer, answer].concat().as_bytes()).await.expect("somebody reads");
        let _all = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    for connections in 1..=2 {
        assert_eq!(client.get("/").await.body, "mine");
        assert_eq!(target.connections(), connections);
    }
}

//! Requests, well-formed and not, over connections that should outlive them.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::client::*;
use crate::pipeline::tests::world::{World, put_text, signed};
use crate::server::ServerOptions;

#[tokio::test]
async fn one_connection_serves_many_requests_and_outlives_errors() {
    let running = Running::open().await;
    let mut client = running.connect().await;
    for (body, status) in [
        (text("echo", "one"), 200),
        ("not JSON".to_owned(), 400),
        (text("panic", ""), 500),
        (text("missing", ""), 400),
        (text("echo", "two"), 200),
    ] {
        let reply = client.call(post(&body)).await;
        // The model gives `missing` a status of its own, which JSON wires may keep.
        assert!(reply.status == status || body.contains("missing"), "{body}: {reply:?}");
        assert!(reply.head.contains("x-amzn-requestid: "), "{reply:?}");
    }
    let reply = client.call("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let running = Running::open().await;
    let mut client = running.connect().await;
    client.send(format!("{}{}", post(&text("echo", "one")), post(&text("echo", "two")))).await;
    assert!(client.reply().await.unwrap().body.contains("one"));
    assert!(client.reply().await.unwrap().body.contains("two"));
}

#[tokio::test]
async fn a_chunked_body_is_a_body() {
    let running = Running::open().await;
    let mut client = running.connect().await;
    let body = text("echo", "in pieces");
    let (one, two) = body.split_at(10);
    let chunked = format!(
        "{}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        head(),
        one.len(),
        two.len()
    );
    let reply = client.call(chunked).await;
    assert_eq!((reply.status, reply.body.contains("in pieces")), (200, true), "{reply:?}");
}

#[tokio::test]
async fn a_byte_over_ten_megabytes_is_refused_on_the_clients_wire() {
    let running = Running::open().await;
    let limit = ServerOptions::default().body_limit;
    assert_eq!(limit, 10 * 1024 * 1024);
    let mut client = running.connect().await;
    client.send(format!("{}Content-Length: {}\r\n\r\n", head(), limit + 1)).await;
    client.send(vec![b' '; limit + 1]).await;
    let reply = client.reply().await.unwrap();
    assert_eq!(reply.status, 413);
    assert!(reply.body.contains("RequestEntityTooLargeException"), "{reply:?}");
    assert!(reply.body.contains("10485760"), "{reply:?}");
    // The connection is still good, and a body of exactly the limit is read.
    let mut whole = text("echo", "large");
    whole.push_str(&" ".repeat(limit - whole.len()));
    assert_eq!(client.call(post(&whole)).await.status, 200);
}

#[tokio::test]
async fn a_large_query_request_is_refused_in_xml() {
    let running = Running::with(World::open(), |options| options.body_limit = 100).await;
    let mut client = running.connect().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=AKID/20261121/home/fixture/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=00";
    let reply = client
        .call(format!(
            "POST /?Action=PutText HTTP/1.1\r\nHost: localhost\r\nX-Amz-Date: 20261121T091410Z\r\n\
             Authorization: {authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Transfer-Encoding: chunked\r\n\r\n65\r\n{}\r\n0\r\n\r\n",
            "a".repeat(0x65)
        ))
        .await;
    assert_eq!(reply.status, 413);
    assert!(reply.body.contains("<Code>RequestEntityTooLarge</Code>"), "{reply:?}");
}

#[tokio::test]
async fn what_is_not_http_ends_its_connection_and_no_other() {
    let running = Running::open().await;
    let mut good = running.connect().await;
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"\x00\x00\x00\x00\r\n\r\n",
    ] {
        let mut client = running.connect().await;
        client.send(nonsense).await;
        let reply = client.reply().await;
        assert!(reply.as_ref().is_none_or(|reply| reply.status == 400), "{reply:?}");
    }
    let mut client = running.connect().await;
    client
        .send(format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n",
            "x".repeat(70_000)
        ))
        .await;
    // What the client still sends may cut the answer off.
    let reply = client.reply().await;
    assert!(reply.as_ref().is_none_or(|reply| reply.status == 431), "{reply:?}");
    assert_eq!(good.call(post(&text("echo", "fine"))).await.status, 200);
}

#[tokio::test]
async fn http_2_is_spoken_to_those_who_know_it() {
    let running = Running::with(World::enforcing(), |_| {}).await;
    let stream = TcpStream::connect(running.address()).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let calls = (0..20).map(|at| {
        let mut request = signed(put_text("echo", &format!("number {at}")));
        // HTTP/2 says it in :authority.
        request.headers_mut().remove("host");
        sender.send_request(request.map(Full::new))
    });
    for (at, response) in futures_util::future::join_all(calls).await.into_iter().enumerate() {
        let response = response.unwrap();
        assert_eq!(response.status(), 200);
        let body: Bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains(&format!("number {at}")));
    }
}

#[tokio::test]
async fn connections_do_not_wait_for_each_other() {
    let running = Running::open().await;
    let mut waiting = Vec::new();
    for at in 0..50 {
        let mut client = running.connect().await;
        client.send(post(&text("wait", &at.to_string()))).await;
        waiting.push(client);
    }
    running.fixture.begun.acquire_many(50).await.unwrap().forget();
    assert_eq!(running.connect().await.call(post(&text("echo", ""))).await.status, 200);
    running.fixture.gate.add_permits(50);
    for (at, mut client) in waiting.into_iter().enumerate() {
        let reply = client.reply().await.unwrap();
        assert!(reply.body.contains(&format!("\"{at}\"")), "{reply:?}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_say_what_it_wants_is_let_go() {
    let running =
        Running::with(World::open(), |options| options.head_timeout = Duration::from_millis(50))
            .await;
    // Nothing, half a head, half an HTTP/2 preface.
    let mut silent = running.connect().await;
    let mut half_head = running.connect().await;
    half_head.send(head()).await;
    let mut half_preface = running.connect().await;
    half_preface.send("PRI * HT").await;
    assert!(silent.reply().await.is_none());
    assert!(half_head.reply().await.is_none_or(|reply| reply.status == 408));
    assert!(half_preface.reply().await.is_none());
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let running =
        Running::with(World::open(), |options| options.body_timeout = Duration::from_millis(50))
            .await;
    let mut client = running.connect().await;
    client.send(format!("{}Content-Length: 100\r\n\r\n{{", head())).await;
    let reply = client.reply().await.unwrap();
    assert_eq!(reply.status, 408);
    assert!(reply.body.contains("RequestTimeoutException"), "{reply:?}");
}

//! Bodies of requests that are answered before anybody has read them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{read_until, say};
use crate::target::Target;
use crate::world::{World, fixed};

#[tokio::test]
async fn what_nobody_wanted_is_taken_away_if_it_is_there() {
    let world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.apply();
    for body in [
        "content-length: 3\r\n\r\nGET",
        "transfer-encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\nA: b\r\n\r\n",
    ] {
        let last = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        let heard =
            say(world.address(), format!("POST / HTTP/1.1\r\nhost: h\r\n{body}{last}")).await;
        assert_eq!(heard.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{heard}");
        assert_eq!(heard.matches("Connection: close\r\n").count(), 1, "{heard}");
    }
}

#[tokio::test]
async fn half_a_body_ends_its_connection() {
    let world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.apply();
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let post = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 60\r\n\r\nhalf";
    client.write_all(post.as_bytes()).await.expect("somebody reads");
    read_until(&mut client, "\r\n\r\nok").await;
    // The rest is no request, whatever it looks like.
    client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.expect("an end as it should be");
    assert_eq!(rest, "");
}

/// A socket that is closed with something unread is reset, and takes the answer along.
#[tokio::test]
async fn whoever_still_sends_is_heard_out() {
    let world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.apply();
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let post = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 8000000\r\n\r\n";
    client.write_all(post.as_bytes()).await.expect("somebody reads");
    client.write_all(&vec![b'x'; 4_000_000]).await.expect("somebody reads");
    client.shutdown().await.expect("it is connected");
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.expect("an end as it should be");
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\nok"), "{heard}");
}

#[tokio::test]
async fn whoever_waits_to_be_told_need_not_send_what_nobody_wants() {
    let world = World::new(vec![fixed(403, "no")], Vec::new());
    world.apply();
    let post = "POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(post.as_bytes()).await.expect("somebody reads");
    client.shutdown().await.expect("it is connected");
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.expect("an answer");
    assert!(heard.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{heard}");
}

#[tokio::test]
async fn a_client_of_http_1_0_may_ask_again_if_it_says_so() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let first = "GET /a HTTP/1.0\r\nhost: h\r\nconnection: Keep-Alive\r\n\r\n";
    let heard = say(world.address(), format!("{first}GET /b HTTP/1.0\r\nhost: h\r\n\r\n")).await;
    let (first, second) = heard.split_once("GET /a h1").expect("the first is answered");
    assert!(first.contains("Connection: keep-alive\r\n"), "{heard}");
    assert!(second.contains("Connection: close\r\n") && second.contains("GET /b h1"), "{heard}");
}

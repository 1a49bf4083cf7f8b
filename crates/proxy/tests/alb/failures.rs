use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, get, read_until, say};
use crate::target::{Target, nobody};
use crate::world::{World, group};

#[tokio::test]
async fn without_a_target_it_is_503() {
    let world = World::forwarding_to(&[]);
    let answer = get(world.address(), "/").await;
    assert_eq!(answer.status.as_u16(), 503);
    assert!(answer.body.contains("<h1>503 Service Temporarily Unavailable</h1>"));
    assert_eq!(answer.header("server"), "awselb/2.0");
    assert_eq!(world.metric("HTTPCode_ELB_503_Count"), 1);
}

#[tokio::test]
async fn where_nobody_listens_it_is_502() {
    let world = World::forwarding_to(&[nobody().await]);
    assert_eq!(get(world.address(), "/").await.status.as_u16(), 502);
    assert_eq!(world.metric("HTTPCode_ELB_502_Count"), 1);
}

#[tokio::test]
async fn a_target_that_is_not_there_is_no_reason_not_to_ask_the_next() {
    let target = Target::echo("here").await;
    let world = World::forwarding_to(&[nobody().await, target.address, nobody().await]);
    let mut client = Client::connect(world.address()).await;
    for _ in 0..9 {
        let answer = client.send_body(Request::post("/"), "a body").await;
        assert_eq!((answer.status.as_u16(), answer.target()), (200, "here"));
        assert!(answer.body.ends_with("a body"));
    }
}

#[tokio::test]
async fn what_is_no_http_is_502() {
    for nonsense in ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", ""] {
        let target = Target::raw(move |mut stream| async move {
            read_until(&mut stream, "\r\n\r\n").await;
            stream.write_all(nonsense.as_bytes()).await.expect("somebody reads");
        })
        .await;
        let world = World::forwarding_to(&[target.address]);
        assert_eq!(get(world.address(), "/").await.status.as_u16(), 502, "{nonsense}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_says_nothing_is_504_after_the_idle_timeout() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        std::future::pending::<()>().await;
    })
    .await;
    let mut world =
        World::new(vec![crate::world::forward("g")], vec![group("g", &[target.address])]);
    world.balancer().attributes.idle_timeout_seconds = 7;
    world.apply();
    let began = tokio::time::Instant::now();
    assert_eq!(get(world.address(), "/").await.status.as_u16(), 504);
    assert_eq!(began.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn a_connection_that_the_target_closed_fails_no_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // Keeps a connection for two requests, as it says, and closes without a word when the third comes.
    let target = Target::raw(move |mut stream| {
        let asked = Arc::clone(&counted);
        async move {
            for _ in 0..2 {
                read_until(&mut stream, "\r\n\r\n").await;
                asked.fetch_add(1, Ordering::SeqCst);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer.as_bytes()).await.expect("somebody reads");
            }
            let _asked = stream.read_u8().await;
        }
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    for _ in 0..10 {
        let answer = client.get("/").await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, "ok"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 10);
    assert_eq!(target.connections(), 5, "connections are used again");
}

#[tokio::test]
async fn half_an_answer_is_not_made_a_whole_one() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345";
        stream.write_all(half.as_bytes()).await.expect("somebody reads");
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let heard = say(world.address(), "GET / HTTP/1.1\r\nhost: h\r\n\r\n").await;
    // As much as was on its way, be it nothing.
    assert!(heard.is_empty() || heard.ends_with("\r\n\r\n") || heard.ends_with("12345"), "{heard}");
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_request_along() {
    let (seen, mut is_asked) = tokio::sync::mpsc::unbounded_channel();
    let target = Target::raw(move |mut stream| {
        let seen = seen.clone();
        async move {
            read_until(&mut stream, "\r\n\r\n").await;
            seen.send("asked").expect("the test waits");
            let mut rest = Vec::new();
            let _ended = stream.read_to_end(&mut rest).await;
            seen.send("left").expect("the test waits");
        }
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    assert_eq!(is_asked.recv().await, Some("asked"));
    drop(client);
    assert_eq!(is_asked.recv().await, Some("left"));
    assert_eq!(world.metric("HTTPCode_ELB_4XX_Count"), 1, "460 is counted");
}

#[tokio::test]
async fn too_many_addresses_are_463_and_a_trace_is_405() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = Client::connect(world.address()).await;
    let addresses = vec!["10.0.0.1"; 31].join(", ");
    let answer = client.send(Request::get("/").header("x-forwarded-for", addresses)).await;
    assert_eq!(answer.status.as_u16(), 463);
    assert_eq!(client.send(Request::builder().method("TRACE").uri("/")).await.status.as_u16(), 405);
}

#[tokio::test]
async fn an_answer_with_too_long_a_head_is_502() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let long =
            format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(33_000));
        let _written = stream.write_all(long.as_bytes()).await;
    })
    .await;
    let world = World::forwarding_to(&[target.address]);
    assert_eq!(get(world.address(), "/").await.status.as_u16(), 502);
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_not_taken_for_a_request() {
    let world = World::new(vec![crate::world::fixed(200, "ok")], Vec::new());
    world.apply();
    let body = "GET /in-the-body HTTP/1.1\r\nhost: h\r\n\r\n".repeat(2000);
    for coding in [
        format!("content-length: {}\r\n\r\n{body}", body.len()),
        format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
    ] {
        let text = format!("POST / HTTP/1.1\r\nhost: h\r\n{coding}");
        let end = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        let heard = say(world.address(), format!("{text}{end}")).await;
        let answers = heard.matches("HTTP/1.1 200 OK").count();
        assert!((0..=2).contains(&answers), "{answers}: {heard}");
    }
    assert!(world.metric("HTTP_Fixed_Response_Count") <= 4);
}

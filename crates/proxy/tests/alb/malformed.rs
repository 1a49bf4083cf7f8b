//! Requests that are not as they should be, byte by byte.

use berth_proxy_protocol::{DesyncMitigation, HeaderNames};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{read_until, say};
use crate::target::Target;
use crate::world::{World, fixed};

fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or(answer)
}

#[tokio::test]
async fn what_nobody_can_read_is_400_and_ends_the_connection() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    for head in [
        "nonsense",
        "GET / HTTP/1.1\r\nhost h",
        "GET /\0 HTTP/1.1\r\nhost: h",
        "GET / HTTP/1.1\r\nhost: h\r\n folded: x",
        "GET / HTTP/1.1\r\nhost: h\r\nhost: other",
        "GET / HTTP/1.1",
        "GET / HTTP/1.1\r\nhost: h\r\na: b\0c",
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1",
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\ncontent-length: 4",
        "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "CONNECT h:80 HTTP/1.1\r\nhost: h",
    ] {
        let smuggled = "GET /smuggled HTTP/1.1\r\nhost: h\r\n\r\n";
        let heard = say(world.address(), format!("{head}\r\n\r\n{smuggled}")).await;
        assert_eq!(status(&heard), "400", "{head:?}: {heard}");
        assert!(heard.contains("Connection: close\r\n"), "{heard}");
        assert!(heard.contains("Server: awselb/2.0\r\n"), "{heard}");
        assert!(!heard.contains("/smuggled"), "{head:?}: {heard}");
    }
}

#[tokio::test]
async fn some_statuses_say_more() {
    let world = World::new(vec![fixed(200, "")], Vec::new());
    world.apply();
    let uri = "x".repeat(17_000);
    let header = "y".repeat(17_000);
    for (text, expected) in [
        (format!("GET /{uri} HTTP/1.1\r\nhost: h\r\n\r\n"), "414"),
        (format!("GET /{}", "x".repeat(80_000)), "414"),
        (format!("GET / HTTP/1.1\r\nhost: h\r\na: {header}\r\n\r\n"), "400"),
        (format!("GET / HTTP/1.1\r\nhost: h\r\n{}", "b: c\r\n".repeat(20_000)), "400"),
        ("GET / HTTP/3.0\r\nhost: h\r\n\r\n".to_owned(), "505"),
        ("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: br\r\n\r\n".to_owned(), "501"),
    ] {
        let heard = say(world.address(), &text).await;
        assert_eq!(status(&heard), expected, "{:?}: {heard}", &text[..40]);
    }
}

#[tokio::test]
async fn two_readers_of_a_body_read_the_same() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    // Both lengths: the chunks count, and the connection ends.
    let text = "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n\
                0\r\n\r\nGET /b HTTP/1.1\r\nhost: h\r\n\r\n";
    let heard = say(world.address(), text).await;
    assert_eq!((status(&heard), heard.matches("HTTP/1.1 ").count()), ("200", 1), "{heard}");
    assert!(heard.contains("Connection: close\r\n"), "{heard}");
    assert!(!heard.contains("content-length: 6"), "{heard}");
    assert!(!heard.contains("/b"), "{heard}");

    // What some servers take for a coding, others for nothing.
    for name in ["Transfer_Encoding", "Transfer-Encoding ", "Transfer.Encoding"] {
        let text = format!(
            "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n{name}: chunked\r\n\r\n1\r\nZ"
        );
        assert_eq!(status(&say(world.address(), text).await), "400", "{name}");
    }
    // Chunks that only some can read.
    for chunks in ["1\nZ\r\n0\r\n\r\n", "0x1\r\nZ\r\n0\r\n\r\n", "1\r\nZZ\r\n0\r\n\r\n"] {
        let text =
            format!("POST /a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(status(&say(world.address(), text).await), "400", "{chunks:?}");
    }
    assert_eq!(world.metric("DesyncMitigationMode_NonCompliant_Request_Count"), 4);
}

#[tokio::test]
async fn the_strictest_take_nothing_that_is_odd() {
    let target = Target::echo("one").await;
    let mut world = World::forwarding_to(&[target.address]);
    let odd = "GET /a b HTTP/1.1\r\nhost: h\r\nx_y: 1\r\nconnection: close\r\n\r\n";
    let heard = say(world.address(), odd).await;
    assert!(heard.contains("GET /a%20b h1\n") && heard.contains("x_y: 1\n"), "{heard}");
    world.balancer().attributes.header_names = HeaderNames::ValidOnly;
    world.apply();
    let heard = say(world.address(), odd).await;
    assert!(heard.contains("GET /a%20b h1\n") && !heard.contains("x_y"), "{heard}");
    assert_eq!(world.metric("DroppedInvalidHeaderRequestCount"), 1);
    world.balancer().attributes.desync_mitigation = DesyncMitigation::Strictest;
    world.apply();
    assert_eq!(status(&say(world.address(), odd).await), "400");
}

#[tokio::test]
async fn requests_may_come_all_at_once() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut text = String::new();
    for number in 0..50 {
        text.push_str(&format!(
            "POST /{number} HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello"
        ));
        let chunks = "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n";
        text.push_str(&format!(
            "POST /c{number} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"
        ));
    }
    text.push_str("GET /end HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    let heard = say(world.address(), text).await;
    assert_eq!(heard.matches("HTTP/1.1 200 OK").count(), 101, "{heard}");
    assert_eq!(heard.matches("\nhello").count(), 100);
    let places: Vec<_> = (0..50).map(|number| heard.find(&format!("POST /{number} "))).collect();
    assert!(places.is_sorted() && places[0].is_some(), "answers come in order");
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.set_nodelay(true).expect("it is open");
    let text = "\r\nPOST /slow HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for byte in text.bytes() {
        client.write_all(&[byte]).await.expect("somebody reads");
        tokio::task::yield_now().await;
    }
    read_until(&mut client, "\nok").await;
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_too_long_to_ask_is_408() {
    let world = World::new(vec![fixed(200, "")], Vec::new());
    world.apply();
    let began = Instant::now();
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(b"GET / HTTP/1.1\r\n").await.expect("somebody reads");
    let mut heard = String::new();
    loop {
        let read = tokio::time::timeout(
            std::time::Duration::from_secs(7),
            client.read_to_string(&mut heard),
        )
        .await;
        if read.is_ok() {
            break;
        }
        // A little now and then is not enough.
        let _written = client.write_all(b"a: b\r\n").await;
    }
    assert_eq!(status(&heard), "408", "{heard}");
    assert!((60..=67).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_too_long_to_send_a_body_is_408() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let text = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n12345";
    client.write_all(text.as_bytes()).await.expect("somebody reads");
    let began = Instant::now();
    let mut heard = String::new();
    client.read_to_string(&mut heard).await.expect("it ends");
    assert_eq!(status(&heard), "408", "{heard}");
    assert!((59..=61).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_asks_nothing_is_closed_without_a_word() {
    let world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.apply();
    for asked in ["", "GET / HTTP/1.1\r\nhost: h\r\n\r\n"] {
        let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
        client.write_all(asked.as_bytes()).await.expect("somebody reads");
        let began = Instant::now();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.expect("it ends");
        assert_eq!(heard.matches("HTTP/1.1").count(), usize::from(!asked.is_empty()), "{heard}");
        assert!((59..=61).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    }
    while world.metric("ActiveConnectionCount") > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_when_it_is_old() {
    let mut world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.balancer().attributes.client_keep_alive_seconds = 100;
    world.apply();
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    let mut answers = 0;
    loop {
        client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
        let head = read_until(&mut client, "\r\n\r\nok").await;
        answers += 1;
        if head.contains("Connection: close\r\n") {
            break;
        }
        tokio::time::advance(std::time::Duration::from_secs(30)).await;
    }
    assert_eq!(answers, 5, "at 0, 30, 60, 90 and 120 seconds");
    assert!(client.read_u8().await.is_err());
}

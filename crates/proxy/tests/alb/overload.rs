//! Clients that are too many, too slow, or up to no good.

use berth_proxy::Options;
use berth_proxy_protocol::ListenerProtocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::authority::{Authority, secured};
use crate::client::{Client, get};
use crate::target::{Target, full};
use crate::world::{World, fixed, forward, group};

#[tokio::test]
async fn one_client_too_many_is_let_go_at_once() {
    let options = Options { most_connections: 3, ..World::options() };
    let world = World::with(options, vec![fixed(200, "ok")], Vec::new());
    world.apply();
    let mut inside = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(world.address()).await;
        assert_eq!(client.get("/").await.body, "ok");
        inside.push(client);
    }
    for _ in 0..20 {
        let mut one_more = TcpStream::connect(world.address()).await.expect("somebody listens");
        assert!(one_more.read_u8().await.is_err(), "nobody takes care of it");
    }
    assert_eq!(world.metric("RejectedConnectionCount"), 20);
    for client in &mut inside {
        assert_eq!(client.get("/").await.body, "ok", "whoever is inside goes on");
    }
    drop(inside);
    while world.metric("ActiveConnectionCount") > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(world.address(), "/").await.body, "ok", "there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_let_go() {
    let target = Target::http(|_| async { http::Response::new(full(vec![b'x'; 64 << 20])) }).await;
    let world = World::forwarding_to(&[target.address]);
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("it is open");
    let mut client = socket.connect(world.address()).await.expect("somebody listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    let began = Instant::now();
    while world.metric("RequestCount") == 0 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    assert!((60..=65).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let mut taken = Vec::new();
    let _ended = client.read_to_end(&mut taken).await;
    assert!(taken.len() < 64 << 20);
}

#[tokio::test]
async fn broken_http_2_ends_its_own_connection_and_no_other() {
    let authority = Authority::new("root");
    let target = Target::echo("one").await;
    let mut world = World::new(vec![forward("group")], vec![group("group", &[target.address])]);
    world.configuration.certificates = vec![authority.certificate("only", &["test.example"])];
    world.listener().protocol = ListenerProtocol::Https;
    world.listener().certificates = vec!["only".into()];
    world.apply();
    let connect = || async {
        let config = authority.trusting(&["h2"], None);
        secured(config, world.address(), "test.example").await.expect("it is trusted")
    };
    let mut good = Client::http2(connect().await).await;
    assert_eq!(good.get("/").await.target(), "one");

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let frames: &[(&str, &[u8])] = &[
        ("data on a stream that was never begun", &[0, 0, 1, 0, 0, 0, 0, 0, 1, 0]),
        ("a frame longer than was agreed on", &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]),
        ("headers on an even stream", &[0, 0, 1, 1, 5, 0, 0, 0, 2, 0x82]),
        ("headers that are no HPACK", &[0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff]),
        ("a window of nothing", &[0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("settings of an odd length", &[0, 0, 5, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]),
        ("a ping of the wrong length", &[0, 0, 1, 6, 0, 0, 0, 0, 0, 1]),
        ("a continuation of nothing", &[0, 0, 1, 9, 4, 0, 0, 0, 1, 0x82]),
        ("a reset of the connection itself", &[0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 8]),
    ];
    for (what, frame) in frames {
        let mut bad = connect().await;
        for part in [PREFACE, SETTINGS, frame] {
            bad.write_all(part).await.expect("somebody reads");
        }
        bad.flush().await.expect("somebody reads");
        let mut heard = Vec::new();
        let _ended = bad.read_to_end(&mut heard).await;
        // Frames of the other side, the last of which says goodbye (RFC 9113, 6.8).
        assert!(has_goodbye(&heard), "{what}: {heard:?}");
        assert_eq!(good.get("/").await.target(), "one", "{what}");
    }
    let mut nonsense = connect().await;
    nonsense.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    let mut heard = Vec::new();
    let _ended = nonsense.read_to_end(&mut heard).await;
    assert_eq!(good.get("/").await.target(), "one");
}

fn has_goodbye(mut frames: &[u8]) -> bool {
    while let [a, b, c, kind, _, _, _, _, _, rest @ ..] = frames {
        if *kind == 7 {
            return true;
        }
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        frames = rest.get(length..).unwrap_or_default();
    }
    false
}

#[tokio::test]
async fn streams_that_are_begun_and_reset_without_end_end_the_connection() {
    let authority = Authority::new("root");
    let mut world = World::new(vec![fixed(200, "ok")], Vec::new());
    world.configuration.certificates = vec![authority.certificate("only", &["test.example"])];
    world.listener().protocol = ListenerProtocol::Https;
    world.listener().certificates = vec!["only".into()];
    world.apply();
    let config = authority.trusting(&["h2"], None);
    let mut client = secured(config, world.address(), "test.example").await.expect("trusted");
    let mut text = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    text.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    for number in 0..5000u32 {
        let stream = (2 * number + 1).to_be_bytes();
        // GET / of https, and at once the wish that it had not been asked.
        text.extend([0, 0, 3, 1, 5]);
        text.extend(stream);
        text.extend([0x82, 0x84, 0x87]);
        text.extend([0, 0, 4, 3, 0]);
        text.extend(stream);
        text.extend([0, 0, 0, 8]);
    }
    let _written = client.write_all(&text).await;
    let _flushed = client.flush().await;
    let mut heard = Vec::new();
    let _ended = client.read_to_end(&mut heard).await;
    while world.metric("ActiveConnectionCount") > 0 {
        tokio::task::yield_now().await;
    }
    let answered = world.metric("HTTP_Fixed_Response_Count");
    assert!(answered < 5000, "{answered}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waited_goes_on_as_if_it_had_not() {
    let target = Target::echo("one").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    // Time flies while the network holds small parts back.
    client.set_nodelay(true).expect("it is open");
    for pause in [0, 1, 3, 10, 59, 5] {
        tokio::time::sleep(std::time::Duration::from_secs(pause)).await;
        // In two parts, with time between them.
        client.write_all(b"POST /x HTTP/1.1\r\nhost: h\r\ncontent-").await.expect("it is open");
        tokio::time::sleep(std::time::Duration::from_secs(pause / 2)).await;
        client.write_all(b"length: 4\r\n\r\nbo").await.expect("it is open");
        tokio::time::sleep(std::time::Duration::from_secs(pause / 2)).await;
        client.write_all(b"dy").await.expect("it is open");
        crate::client::read_until(&mut client, "\nbody").await;
    }
    assert_eq!(world.metric("NewConnectionCount"), 1);
    assert_eq!(world.metric("RequestCount"), 6);
}

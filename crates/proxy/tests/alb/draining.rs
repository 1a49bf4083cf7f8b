use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::client::{Client, get, read_until};
use crate::target::Target;
use crate::world::{World, fixed, group, listener, target};

/// A target whose requests are told, and answered when a letter comes for each.
async fn slow() -> (Target, mpsc::UnboundedReceiver<&'static str>, mpsc::UnboundedSender<()>) {
    let (told, events) = mpsc::unbounded_channel();
    let (go, gone) = mpsc::unbounded_channel();
    let gone = std::sync::Arc::new(tokio::sync::Mutex::new(gone));
    let target = Target::raw(move |mut stream| {
        let (told, gone) = (told.clone(), gone.clone());
        async move {
            read_until(&mut stream, "\r\n\r\n").await;
            told.send("asked").expect("the test listens");
            gone.lock().await.recv().await.expect("the test answers");
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow";
            stream.write_all(answer.as_bytes()).await.expect("somebody reads");
            let closed = tokio::io::AsyncReadExt::read_u8(&mut stream).await;
            assert!(closed.is_err(), "nothing else is asked");
            told.send("closed").expect("the test listens");
        }
    })
    .await;
    (target, events, go)
}

#[tokio::test]
async fn requests_under_way_end_where_they_began() {
    let (old, mut events, go) = slow().await;
    let new = Target::echo("new").await;
    let mut world = World::forwarding_to(&[old.address]);
    let address = world.address();
    let under_way = tokio::spawn(async move { get(address, "/").await });
    assert_eq!(events.recv().await, Some("asked"));

    world.group().targets[0].is_draining = true;
    world.group().targets.push(target(new.address));
    world.apply();
    for _ in 0..5 {
        assert_eq!(get(address, "/").await.target(), "new");
    }
    go.send(()).expect("the target waits");
    assert_eq!(under_way.await.expect("it is answered").body, "slow");
    assert_eq!(events.recv().await, Some("closed"), "its connection is of no use any more");
}

#[tokio::test]
async fn connections_that_wait_are_closed_when_their_target_goes() {
    let (old, mut events, go) = slow().await;
    let mut world = World::forwarding_to(&[old.address]);
    go.send(()).expect("the target waits");
    assert_eq!(get(world.address(), "/").await.body, "slow");
    assert_eq!(events.recv().await, Some("asked"));
    world.group().targets.clear();
    world.apply();
    assert_eq!(events.recv().await, Some("closed"));
}

#[tokio::test]
async fn a_new_configuration_drops_nothing() {
    let first = Target::echo("first").await;
    let second = Target::echo("second").await;
    let mut world = World::forwarding_to(&[first.address]);
    let address = world.address();
    let mut client = Client::connect(address).await;
    assert_eq!(client.get("/").await.target(), "first");
    for round in 0..20u64 {
        let to = if round % 2 == 0 { &second } else { &first };
        world.configuration.revision += 1;
        world.configuration.target_groups = vec![group("group", &[to.address])];
        world.apply();
        let expected = if round % 2 == 0 { "second" } else { "first" };
        assert_eq!(client.get("/").await.target(), expected, "the same connection goes on");
        assert_eq!(world.address(), address, "the listener keeps its place");
    }
    assert_eq!(world.metric("NewConnectionCount"), 1);
}

#[tokio::test]
async fn listeners_come_and_go_and_say_if_they_cannot() {
    let mut world = World::new(vec![fixed(200, "one")], Vec::new());
    world.apply();
    let first = world.address();
    let mut client = Client::connect(first).await;
    assert_eq!(client.get("/").await.body, "one");

    // Another wants the same place, and a third wants one that somebody else has.
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut same = listener("same", vec![fixed(200, "same")]);
    same.port = taken.local_addr().expect("it is bound").port();
    let fresh = listener("fresh", vec![fixed(200, "fresh")]);
    world.balancer().listeners.extend([same, fresh]);
    world.proxy.apply(&world.configuration);
    let state = world.proxy.state();
    let problems: Vec<bool> = state.listeners.iter().map(|it| it.problem.is_some()).collect();
    assert_eq!(problems, [false, true, false], "{state:?}");
    assert_eq!(get(world.address_of("fresh"), "/").await.body, "fresh");
    assert_eq!(client.get("/").await.body, "one");

    assert!(!world.proxy.try_again(), "it is still taken");
    drop(taken);
    assert!(world.proxy.try_again());
    assert!(world.proxy.state().listeners.iter().all(|listener| listener.problem.is_none()));
    assert_eq!(get(world.address_of("same"), "/").await.body, "same");
    assert!(!world.proxy.try_again(), "nothing is left to be had");

    world.balancer().listeners.remove(0);
    world.apply();
    assert!(is_refused(first).await);
}

/// Waits until nobody listens there.
async fn is_refused(address: SocketAddr) -> bool {
    for _ in 0..1000 {
        if TcpStream::connect(address).await.is_err() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn closing_lets_requests_under_way_end() {
    let (target, mut events, go) = slow().await;
    let world = World::forwarding_to(&[target.address]);
    let address = world.address();
    let under_way = tokio::spawn(async move { get(address, "/").await });
    assert_eq!(events.recv().await, Some("asked"));
    let closing = tokio::spawn(world.proxy.close());
    assert!(is_refused(address).await);
    go.send(()).expect("the target waits");
    let answer = under_way.await.expect("it is answered");
    assert_eq!((&*answer.body, answer.header("connection")), ("slow", "close"));
    closing.await.expect("it closes");
}

#[tokio::test]
async fn an_answer_that_goes_on_for_ever_ends_with_its_target() {
    let target = Target::raw(|mut stream| async move {
        read_until(&mut stream, "\r\n\r\n").await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
        stream.write_all(head.as_bytes()).await.expect("somebody reads");
        std::future::pending::<()>().await;
    })
    .await;
    let mut world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    read_until(&mut client, "data: 1\n\n").await;
    world.group().targets[0].is_draining = true;
    world.apply();
    world.group().targets.clear();
    world.apply();
    let mut rest = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut client, &mut rest).await;
    assert!(ended.is_ok() && !rest.ends_with(b"0\r\n\r\n"), "it is not made a whole one: {rest:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_end_is_thrown_out() {
    let (target, mut events, _go) = slow().await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("somebody reads");
    assert_eq!(events.recv().await, Some("asked"));
    let began = tokio::time::Instant::now();
    world.proxy.close().await;
    assert_eq!(began.elapsed().as_secs(), 10);
    assert!(tokio::io::AsyncReadExt::read_u8(&mut client).await.is_err());
}

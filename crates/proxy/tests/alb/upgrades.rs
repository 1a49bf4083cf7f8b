use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::read_until;
use crate::target::Target;
use crate::world::World;

const ASK: &str = "GET /chat HTTP/1.1\r\nhost: h\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: k\r\n\r\n";

/// Agrees, then says everything twice.
async fn doubling() -> Target {
    Target::raw(|mut stream| async move {
        let head = read_until(&mut stream, "\r\n\r\n").await.to_lowercase();
        assert!(head.contains("upgrade: websocket\r\n"), "{head}");
        assert!(head.contains("connection: upgrade\r\n"), "{head}");
        assert!(head.contains("sec-websocket-key: k\r\n"), "{head}");
        let agreed = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: a\r\n\r\n";
        stream.write_all(agreed.as_bytes()).await.expect("somebody reads");
        while let Ok(byte) = stream.read_u8().await {
            stream.write_all(&[byte, byte]).await.expect("somebody reads");
        }
    })
    .await
}

async fn upgraded(world: &World) -> TcpStream {
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(ASK.as_bytes()).await.expect("somebody reads");
    let head = read_until(&mut client, "\r\n\r\n").await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    for line in ["connection: upgrade\r\n", "upgrade: websocket\r\n", "sec-websocket-accept: a\r\n"]
    {
        assert!(head.contains(line), "{head}");
    }
    client
}

#[tokio::test]
async fn a_web_socket_carries_both_ways_until_one_side_ends() {
    let target = doubling().await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = upgraded(&world).await;
    for _ in 0..3 {
        client.write_all(b"ab").await.expect("somebody reads");
        let mut heard = [0; 4];
        client.read_exact(&mut heard).await.expect("it is doubled");
        assert_eq!(&heard, b"aabb");
    }
    client.shutdown().await.expect("it is open");
    assert!(client.read_u8().await.is_err(), "the other side ended, too");
}

#[tokio::test]
async fn a_web_socket_survives_configurations_and_ends_with_its_target() {
    let target = doubling().await;
    let mut world = World::forwarding_to(&[target.address]);
    let mut client = upgraded(&world).await;
    world.configuration.revision += 1;
    world.group().targets[0].is_draining = true;
    world.apply();
    client.write_all(b"x").await.expect("somebody reads");
    assert_eq!(client.read_u16().await.expect("it is doubled"), u16::from_be_bytes(*b"xx"));
    world.group().targets.clear();
    world.apply();
    assert!(client.read_u8().await.is_err(), "nothing is left of its target");
}

#[tokio::test(start_paused = true)]
async fn a_silent_web_socket_ends_after_the_idle_timeout() {
    let target = doubling().await;
    let mut world = World::forwarding_to(&[target.address]);
    world.balancer().attributes.idle_timeout_seconds = 9;
    world.apply();
    let mut client = upgraded(&world).await;
    let began = tokio::time::Instant::now();
    assert!(client.read_u8().await.is_err());
    assert!((9..=18).contains(&began.elapsed().as_secs()));
}

#[tokio::test]
async fn whoever_declines_an_upgrade_answers_as_ever() {
    let target = Target::echo("plain").await;
    let world = World::forwarding_to(&[target.address]);
    let mut client = TcpStream::connect(world.address()).await.expect("somebody listens");
    client.write_all(ASK.as_bytes()).await.expect("somebody reads");
    let head = read_until(&mut client, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
}

//! Another proxy has the sockets: whoever is inside stays, whoever comes finds it.

use std::future::pending;
use std::net::Ipv4Addr;

use berth_proxy_protocol::ListenerProtocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::setup::Story;
use crate::targets::{datagram_echo, echo};

#[tokio::test]
async fn connections_stay_where_they_are_until_they_end() {
    let mut story = Story::tcp(&[echo(1).await], |_| {});
    let address = story.address(0);
    let mut client = TcpStream::connect(address).await.expect("somebody listens");
    assert_eq!(client.read_u8().await.expect("a greeting"), 1);
    let old = story.succeed();
    let retiring = tokio::spawn(old.retire(pending()));
    assert_eq!(story.address(0), address);
    let mut other = TcpStream::connect(address).await.expect("somebody listens");
    assert_eq!(other.read_u8().await.expect("a greeting"), 1);
    story.wait_for("ActiveFlowCount", 1).await;
    client.write_u8(7).await.expect("it is open");
    assert_eq!(client.read_u8().await.expect("an echo"), 7);
    assert!(!retiring.is_finished(), "one is inside");
    drop(client);
    retiring.await.expect("it ends by itself");
    other.write_u8(8).await.expect("it is open");
    assert_eq!(other.read_u8().await.expect("an echo"), 8);
}

#[tokio::test]
async fn datagrams_come_to_the_same_targets_by_the_next_proxy() {
    let mut targets = Vec::new();
    for name in 0..4 {
        targets.push(datagram_echo(name).await);
    }
    let mut story = Story::new(ListenerProtocol::Udp, &targets, |_| {});
    let mut clients = Vec::new();
    for _ in 0..20 {
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a port");
        client.connect(story.address(0)).await.expect("it is an address");
        clients.push((answered_by(&client).await, client));
    }
    let old = story.succeed();
    let (enough, is_enough) = tokio::sync::oneshot::channel::<()>();
    let retiring = tokio::spawn(old.retire(async { drop(is_enough.await) }));
    // Once the old one has heard of it, all that comes is the new one's.
    for (target, client) in &clients {
        assert_eq!(answered_by(client).await, *target);
    }
    while story.count("NewFlowCount_UDP") < 20 {
        for (target, client) in &clients {
            assert_eq!(answered_by(client).await, *target);
        }
    }
    enough.send(()).expect("it waits");
    retiring.await.expect("it ends");
    for (target, client) in &clients {
        assert_eq!(answered_by(client).await, *target);
    }
}

async fn answered_by(client: &UdpSocket) -> u8 {
    client.send(b"who is it?").await.expect("there is room");
    let mut answer = [0; 64];
    let length = client.recv(&mut answer).await.expect("it answers");
    assert_eq!(&answer[1..length], b"who is it?");
    answer[0]
}

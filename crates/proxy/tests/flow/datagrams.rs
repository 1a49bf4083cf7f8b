//! UDP.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use berth_proxy_protocol::ListenerProtocol;
use tokio::net::{TcpStream, UdpSocket};

use crate::setup::Story;
use crate::targets::{datagram_echo, echo, greeting};

async fn client(story: &Story, listener: usize) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a port");
    socket.connect(story.address(listener)).await.expect("it is an address");
    socket
}

/// Says something and returns which target repeated it.
///
/// Datagrams that nobody waits for yet are kept by the kernel; on this machine's own network none are lost.
async fn repeated(client: &UdpSocket, text: &[u8]) -> u8 {
    client.send(text).await.expect("there is room");
    let mut answer = vec![0; 65_536];
    let length = client.recv(&mut answer).await.expect("it answers");
    assert_eq!(&answer[1..length], text);
    answer[0]
}

fn udp(targets: &[SocketAddr]) -> Story {
    Story::new(ListenerProtocol::Udp, targets, |_| {})
}

#[tokio::test]
async fn a_client_has_one_target_and_clients_have_several() {
    let mut targets = Vec::new();
    for name in 0..4 {
        targets.push(datagram_echo(name).await);
    }
    let story = udp(&targets);
    // All of them stay: the port of one that has gone might be another's, which would be the same flow.
    let (mut seen, mut clients) = (BTreeSet::new(), Vec::new());
    for _ in 0..40 {
        let client = client(&story, 0).await;
        let first = repeated(&client, b"hello").await;
        for text in [&b""[..], b"again", &[7; 60_000]] {
            assert_eq!(repeated(&client, text).await, first);
        }
        seen.insert(first);
        clients.push(client);
    }
    assert_eq!(seen.len(), 4);
    let counted = story.counted().metrics;
    assert_eq!((counted["NewFlowCount_UDP"], counted["ActiveFlowCount"]), (40, 40));
    assert_eq!(counted["ProcessedPackets"], 320);
}

#[tokio::test]
async fn a_flow_goes_elsewhere_when_its_target_is_gone_and_connections_end_with_it() {
    let targets = [datagram_echo(1).await, datagram_echo(2).await];
    let mut story = udp(&targets);
    story.apply(|it| {
        let attributes = &mut it.target_groups[0].attributes;
        attributes.terminate_on_deregistration = true;
        attributes.deregistration_delay_seconds = 0;
    });
    let client = client(&story, 0).await;
    let first = repeated(&client, b"hello").await;
    story.apply(|it| it.target_groups[0].targets[usize::from(first) - 1].is_draining = true);
    story.wait_for("ActiveFlowCount", 0).await;
    let second = repeated(&client, b"hello").await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn without_targets_a_datagram_is_dropped_and_counted() {
    let mut story = udp(&[]);
    let client = client(&story, 0).await;
    client.send(b"hello").await.unwrap();
    story.wait_for("RejectedFlowCount", 1).await;
    let target = datagram_echo(9).await;
    story.apply(|it| it.target_groups = vec![crate::setup::group(&[target])]);
    assert_eq!(repeated(&client, b"hello").await, 9);
}

#[tokio::test]
async fn each_datagram_says_who_it_is_from_by_the_proxy_protocol() {
    let mut story = udp(&[datagram_echo(0).await]);
    story.apply(|it| it.target_groups[0].attributes.proxy_protocol_v2 = true);
    let client = client(&story, 0).await;
    for _ in 0..2 {
        client.send(b"hello").await.unwrap();
        let mut answer = [0; 100];
        let length = client.recv(&mut answer).await.unwrap();
        assert_eq!(length, 1 + 28 + 5);
        assert_eq!(answer[13..15], [0x21, 0x12]);
        assert_eq!(answer[25..27], client.local_addr().unwrap().port().to_be_bytes());
        assert_eq!(&answer[29..34], b"hello");
    }
    assert_eq!(story.count("ProcessedBytes"), 2 * (5 + 34));
}

#[tokio::test]
async fn one_listener_may_have_both() {
    let story = Story::new(ListenerProtocol::TcpUdp, &[echo(5).await], |_| {});
    let mut stream = TcpStream::connect(story.address(0)).await.unwrap();
    assert_eq!(greeting(&mut stream).await, 5);
    let socket = client(&story, 1).await;
    socket.send(b"nobody answers").await.unwrap();
    story.wait_for("NewFlowCount_UDP", 1).await;
    assert_eq!(story.count("NewFlowCount_TCP"), 1);
}

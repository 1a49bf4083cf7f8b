//! Clients' own addresses, as targets see them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use berth_proxy_protocol::{Configuration, ListenerProtocol};
use tokio::net::{TcpSocket, UdpSocket};

use crate::setup::Story;
use crate::targets::Target;

const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
const PROXY: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn wanted(configuration: &mut Configuration) {
    configuration.target_groups[0].attributes.preserve_client_ip = true;
}

/// A proxy whose host is said to be on the way back, and what it lacks for all that.
fn preserving(protocol: ListenerProtocol, target: SocketAddr) -> (Story, Option<String>) {
    let story = Story::new(protocol, &[target], wanted);
    let story = Story::with(story.configuration, true);
    let lack = story.proxy.state().listeners[0].lack.clone();
    (story, lack)
}

/// What a target has to see: a process that may not do it says so and carries on.
fn expected(lack: Option<&str>) -> IpAddr {
    match lack {
        None => CLIENT.into(),
        Some(lack) => {
            assert!(lack.contains("may not send from other addresses"), "{lack}");
            PROXY.into()
        }
    }
}

#[tokio::test]
async fn a_connection_comes_from_its_client_where_the_host_allows_it() {
    let target = Target::new().await;
    let (story, lack) = preserving(ListenerProtocol::Tcp, target.address);
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((IpAddr::V4(CLIENT), 0).into()).unwrap();
    let _client = socket.connect(story.address(0)).await.unwrap();
    let seen = target.accept().await.peer_addr().unwrap();
    assert_eq!(seen.ip(), expected(lack.as_deref()));
}

#[tokio::test]
async fn a_datagram_comes_from_its_client_where_the_host_allows_it() {
    let target = UdpSocket::bind((PROXY, 0)).await.unwrap();
    let (story, lack) = preserving(ListenerProtocol::Udp, target.local_addr().unwrap());
    let client = UdpSocket::bind((CLIENT, 0)).await.unwrap();
    client.send_to(b"hello", story.address(0)).await.unwrap();
    let mut datagram = [0; 10];
    let (_, seen) = target.recv_from(&mut datagram).await.unwrap();
    assert_eq!(seen.ip(), expected(lack.as_deref()));
    target.send_to(b"answer", seen).await.unwrap();
    if lack.is_some() {
        let (length, from) = client.recv_from(&mut datagram).await.unwrap();
        assert_eq!((&datagram[..length], from), (&b"answer"[..], story.address(0)));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_on_the_way_back_says_that_it_preserves_nothing() {
    let target = Target::new().await;
    let story = Story::new(ListenerProtocol::Tcp, &[target.address], wanted);
    let lack = story.proxy.state().listeners[0].lack.clone().expect("it says so");
    assert!(lack.contains("targets do not see clients' addresses"), "{lack}");
    let _client = tokio::net::TcpStream::connect(story.address(0)).await.unwrap();
    assert_eq!(target.accept().await.peer_addr().unwrap().ip(), IpAddr::from(PROXY));

    let content = Story::new(ListenerProtocol::Tcp, &[target.address], |_| {});
    assert_eq!(content.proxy.state().listeners[0].lack, None);
}

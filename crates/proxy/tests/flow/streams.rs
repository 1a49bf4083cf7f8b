//! TCP.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use berth_proxy_protocol::{ListenerProtocol, Stickiness};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::setup::Story;
use crate::targets::{Target, echo, greeting, nobody};

async fn connect(story: &Story) -> TcpStream {
    TcpStream::connect(story.address(0)).await.expect("the balancer listens")
}

/// Both ends of one connection through the balancer.
async fn through(story: &Story, target: &Target) -> (TcpStream, TcpStream) {
    let mut client = connect(story).await;
    let mut other = target.accept().await;
    // What the kernel knows already, the balancer may not.
    client.write_all(b"!").await.unwrap();
    assert_eq!(other.read_u8().await.unwrap(), b'!');
    (client, other)
}

async fn was_reset(stream: &mut TcpStream) {
    let error = stream.read_u8().await.expect_err("nothing comes any more");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn bytes_go_both_ways_and_each_way_ends_by_itself() {
    let target = Target::new().await;
    let story = Story::tcp(&[target.address], |_| {});
    let (mut client, mut target) = through(&story, &target).await;
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    let mut question = String::new();
    target.read_to_string(&mut question).await.unwrap();
    assert_eq!(question, "question");
    target.write_all(b"answer").await.unwrap();
    drop(target);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "answer");

    story.wait_for("ActiveFlowCount", 0).await;
    let counted = story.counted().metrics;
    assert_eq!((counted["NewFlowCount"], counted["NewFlowCount_TCP"]), (1, 1));
    assert_eq!((counted["ProcessedBytes"], counted["ProcessedBytes_TCP"]), (15, 15));
}

#[tokio::test]
async fn much_goes_through_whoever_is_slow() {
    const BYTES: usize = 32 << 20;
    let story = Story::tcp(&[echo(1).await], |_| {});
    let mut client = connect(&story).await;
    assert_eq!(greeting(&mut client).await, 1);
    let (mut from, mut to) = client.into_split();
    let sent = tokio::spawn(async move {
        let piece: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let mut left = BYTES;
        while left > 0 {
            let now = left.min(piece.len());
            to.write_all(&piece[..now]).await.unwrap();
            left -= now;
        }
        to.shutdown().await.unwrap();
    });
    // By sips at first: whoever sends has to wait, and so has the balancer.
    let mut got = Vec::new();
    while got.len() < 1 << 20 {
        let mut sip = [0; 1024];
        let read = from.read(&mut sip).await.unwrap();
        got.extend_from_slice(&sip[..read]);
        tokio::task::yield_now().await;
    }
    from.read_to_end(&mut got).await.unwrap();
    sent.await.unwrap();
    assert_eq!(got.len(), BYTES);
    let whole =
        got.chunks(100_000).all(|piece| piece.iter().zip(0..).all(|(a, b)| *a == (b % 256) as u8));
    assert!(whole);
}

#[tokio::test]
async fn whoever_breaks_off_breaks_off_for_the_other_one_too() {
    let target = Target::new().await;
    let story = Story::tcp(&[target.address], |_| {});
    let (client, mut other) = through(&story, &target).await;
    client.set_zero_linger().unwrap();
    drop(client);
    was_reset(&mut other).await;
    story.wait_for("TCP_Client_Reset_Count", 1).await;

    let (mut client, other) = through(&story, &target).await;
    other.set_zero_linger().unwrap();
    drop(other);
    was_reset(&mut client).await;
    story.wait_for("TCP_Target_Reset_Count", 1).await;
    assert_eq!(story.count("TCP_ELB_Reset_Count"), 0);
}

#[tokio::test]
async fn a_dead_target_is_passed_over_and_without_another_one_the_client_hears_of_it() {
    let (_one, first) = nobody();
    let (_two, second) = nobody();
    let story = Story::tcp(&[first, second, echo(3).await], |_| {});
    for _ in 0..10 {
        assert_eq!(greeting(&mut connect(&story).await).await, 3);
    }
    let story = Story::tcp(&[first], |_| {});
    was_reset(&mut connect(&story).await).await;
    let story = Story::tcp(&[], |_| {});
    was_reset(&mut connect(&story).await).await;
    story.wait_for("TCP_ELB_Reset_Count", 1).await;
}

#[tokio::test]
async fn targets_learn_who_it_is_from_by_the_proxy_protocol() {
    let target = Target::new().await;
    let story = Story::tcp(&[target.address], |attributes| attributes.proxy_protocol_v2 = true);
    let mut client = connect(&story).await;
    let mut target = target.accept().await;
    client.write_all(b"hello").await.unwrap();
    let mut told = [0; 28 + 5];
    target.read_exact(&mut told).await.unwrap();
    assert_eq!(&told[..16], b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c");
    assert_eq!(told[16..24], [127, 0, 0, 1, 127, 0, 0, 1]);
    assert_eq!(told[24..26], client.local_addr().unwrap().port().to_be_bytes());
    assert_eq!(told[26..28], story.address(0).port().to_be_bytes());
    assert_eq!(&told[28..], b"hello");
}

#[tokio::test]
async fn connections_spread_unless_their_group_keeps_clients_where_they_are() {
    let mut targets = Vec::new();
    for name in 0..4 {
        targets.push(echo(name).await);
    }
    let seen = async |story: &Story| {
        let mut seen = BTreeSet::new();
        for _ in 0..60 {
            seen.insert(greeting(&mut connect(story).await).await);
        }
        seen.len()
    };
    let mut story = Story::tcp(&targets, |_| {});
    assert_eq!(seen(&story).await, 4);
    story.apply(|it| {
        it.target_groups[0].attributes.stickiness = Some(Stickiness::SourceIp);
    });
    assert_eq!(seen(&story).await, 1);
}

#[tokio::test]
async fn groups_share_by_their_weights() {
    let (blue, green) = (echo(1).await, echo(2).await);
    let story = Story::new(ListenerProtocol::Tcp, &[blue], |it| {
        let mut other = crate::setup::group(&[green]);
        other.arn = "green".to_owned();
        it.target_groups.push(other);
        let berth_proxy_protocol::Action::Forward(forward) =
            &mut it.balancers[0].listeners[0].default_actions[0]
        else {
            unreachable!("it forwards")
        };
        forward.groups[0].weight = 10;
        let weighted =
            berth_proxy_protocol::WeightedGroup { group: "green".to_owned(), weight: 90 };
        forward.groups.push(weighted);
    });
    let mut to_green = 0;
    for _ in 0..200 {
        to_green += usize::from(greeting(&mut connect(&story).await).await == 2);
    }
    assert!((150..200).contains(&to_green), "{to_green}");
}

#[tokio::test]
async fn a_connection_outlives_its_targets_registration_and_its_listeners_configuration() {
    let target = Target::new().await;
    let mut story = Story::tcp(&[target.address], |_| {});
    let (mut client, mut other) = through(&story, &target).await;
    story.apply(|it| it.target_groups[0].targets[0].is_draining = true);
    was_reset(&mut connect(&story).await).await;
    story.apply(|it| it.target_groups[0].targets.clear());
    client.write_all(b"1").await.unwrap();
    assert_eq!(other.read_u8().await.unwrap(), b'1');
    story.apply(|it| it.balancers[0].listeners.clear());
    client.write_all(b"2").await.unwrap();
    assert_eq!(other.read_u8().await.unwrap(), b'2');
}

#[tokio::test]
async fn a_connection_ends_with_the_deregistration_if_its_group_says_so() {
    let target = Target::new().await;
    let mut story = Story::tcp(&[target.address], |attributes| {
        attributes.terminate_on_deregistration = true;
        attributes.deregistration_delay_seconds = 0;
    });
    let (mut client, mut other) = through(&story, &target).await;
    story.apply(|it| it.target_groups[0].targets[0].is_draining = true);
    was_reset(&mut client).await;
    was_reset(&mut other).await;
    story.wait_for("TCP_ELB_Reset_Count", 1).await;
}

#[tokio::test]
async fn a_silent_connection_is_forgotten() {
    let target = Target::new().await;
    let story = Story::new(ListenerProtocol::Tcp, &[target.address], |it| {
        it.balancers[0].listeners[0].attributes.tcp_idle_timeout_seconds = Some(1);
    });
    let (mut client, mut other) = through(&story, &target).await;
    was_reset(&mut client).await;
    was_reset(&mut other).await;
}

#[tokio::test]
async fn many_connections_are_carried_side_by_side() {
    let story = Story::tcp(&[echo(7).await], |_| {});
    let mut clients = Vec::new();
    for _ in 0..400 {
        clients.push(connect(&story).await);
    }
    for client in &mut clients {
        assert_eq!(greeting(client).await, 7);
        client.write_all(b"x").await.unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.read_u8().await.unwrap(), b'x');
    }
    assert_eq!(story.count("ActiveFlowCount"), 400);
    drop(clients);
    story.wait_for("ActiveFlowCount", 0).await;
}

#[tokio::test]
async fn what_no_network_balancer_does_is_told() {
    let story = Story::new(ListenerProtocol::Http, &[], |_| {});
    let problem = story.proxy.state().listeners[0].problem.clone().expect("there is one");
    assert!(problem.contains("Http"), "{problem}");
}

#[tokio::test]
async fn a_client_elsewhere_keeps_its_own_target() {
    let mut targets = Vec::new();
    for name in 0..8 {
        targets.push(echo(name).await);
    }
    let story = Story::tcp(&targets, |attributes| {
        attributes.stickiness = Some(Stickiness::SourceIp);
    });
    let mut seen = BTreeSet::new();
    for last in 1..20 {
        let mut own = BTreeSet::new();
        for _ in 0..3 {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(([127, 0, 0, last], 0).into()).unwrap();
            let mut client = socket.connect(story.address(0)).await.unwrap();
            own.insert(greeting(&mut client).await);
        }
        assert_eq!(own.len(), 1);
        seen.extend(own);
    }
    assert!(seen.len() > 3, "{seen:?}");
}

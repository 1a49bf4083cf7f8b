//! Targets that stop to listen, while they have connections.

use std::net::Ipv4Addr;

use berth_proxy_protocol::{HealthCheck, HealthProtocol, HealthReason, HealthState, Matcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::setup::Story;
use crate::targets::{Target, echo};

fn check() -> HealthCheck {
    HealthCheck {
        protocol: HealthProtocol::Tcp,
        port: None,
        path: String::new(),
        interval_seconds: 1,
        timeout_seconds: 1,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        matcher: Matcher::Http(Vec::new()),
    }
}

/// Waits until that many targets are healthy.
async fn wait_for_healthy(story: &Story, count: u32) {
    let key = ("net/edge/1".to_owned(), "group".to_owned(), "a".to_owned());
    while story.proxy.counters().hosts[&key].healthy != count {
        story.proxy.health().news().await;
    }
}

#[tokio::test]
async fn a_target_that_is_ill_loses_what_it_has_and_gets_nothing_until_it_is_well() {
    // At an address where no other test could take its port.
    let (ill, well) = (Target::at(Ipv4Addr::new(127, 0, 0, 77)).await, echo(2).await);
    let mut story = Story::tcp(&[ill.address, well], |_| {});
    story.apply(|it| it.target_groups[0].health_check = Some(check()));
    wait_for_healthy(&story, 2).await;

    // Connections until one is at the target that will be ill: checks come to it, too, and say nothing.
    let (mut client, _other) = loop {
        let mut client = TcpStream::connect(story.address(0)).await.unwrap();
        client.write_all(b"?").await.unwrap();
        let found = tokio::select! {
            _ = client.read_u8() => None,
            stream = served(&ill) => Some(stream),
        };
        if let Some(other) = found {
            break (client, other);
        }
    };
    let address = ill.address;
    drop(ill);
    loop {
        let news = story.proxy.health().news().await;
        if let Some(found) = news.iter().find(|found| found.state == HealthState::Unhealthy) {
            assert_eq!(
                (found.port, found.reason),
                (address.port(), Some(HealthReason::FailedHealthChecks))
            );
            break;
        }
    }
    client.read_u8().await.expect_err("it is broken off");
    story.wait_for("TCP_ELB_Reset_Count", 1).await;
    for _ in 0..20 {
        let mut client = TcpStream::connect(story.address(0)).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), 2);
    }

    let _again = tokio::net::TcpListener::bind(address).await.expect("nobody else took it");
    wait_for_healthy(&story, 2).await;
}

/// The first connection that says something.
async fn served(target: &Target) -> TcpStream {
    loop {
        let mut stream = target.accept().await;
        if stream.read_u8().await.is_ok() {
            return stream;
        }
    }
}

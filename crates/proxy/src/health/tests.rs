//! Checks of real targets on this machine.

mod targets;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use berth_proxy_protocol::{
    Algorithm, GroupAttributes, GroupProtocol, HealthCheck, HealthProtocol, HealthReason,
    HealthState, HttpVersion, Matcher, Target, TargetGroup, TargetHealth,
};
use tokio::time::Instant;

use super::Checks;
use super::probe::{Failure, Probe};
use crate::group::{Groups, TargetIdentity};
use targets::{Answers, babbling, closed, grpc, http_1, http_2, mute, over_tls};

fn check(protocol: HealthProtocol) -> HealthCheck {
    HealthCheck {
        protocol,
        port: None,
        path: "/health?deep=yes".to_owned(),
        interval_seconds: 1,
        timeout_seconds: 10,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        matcher: Matcher::Http(vec![(200, 200), (210, 219)]),
    }
}

fn group(targets: &[SocketAddr], protocol: GroupProtocol, check: HealthCheck) -> TargetGroup {
    let target = |address: &SocketAddr| Target {
        id: address.ip().to_string(),
        address: address.ip(),
        port: address.port(),
        zone: "a".to_owned(),
        is_draining: false,
    };
    TargetGroup {
        arn: "web".to_owned(),
        name: "web".to_owned(),
        protocol,
        http_version: HttpVersion::Http1,
        attributes: GroupAttributes {
            algorithm: Algorithm::RoundRobin,
            anomaly_mitigation: false,
            slow_start_seconds: 0,
            stickiness: None,
            deregistration_delay_seconds: 300,
            terminate_on_deregistration: false,
            terminate_on_unhealthy: true,
            proxy_protocol_v2: false,
            preserve_client_ip: false,
            cross_zone: true,
            minimum_healthy_count: 1,
            minimum_healthy_percentage: 0,
        },
        health_check: Some(check),
        targets: targets.iter().map(target).collect(),
    }
}

async fn ask(
    target: SocketAddr,
    protocol: HealthProtocol,
    version: HttpVersion,
) -> Result<(), Failure> {
    let mut check = check(protocol);
    if version == HttpVersion::Grpc {
        check.path = "/AWS.ALB/healthcheck".to_owned();
        check.matcher = Matcher::Grpc(vec![(12, 12)]);
    }
    let mut group = group(&[target], GroupProtocol::Http, check.clone());
    group.http_version = version;
    Probe::new(&group, &check, target).ask().await
}

#[tokio::test]
async fn an_http_target_is_judged_by_its_status() {
    for (status, answer) in [
        (200, Ok(())),
        (215, Ok(())),
        (220, Err(Failure::Code(220))),
        (503, Err(Failure::Code(503))),
    ] {
        let answers = Answers::new(status);
        let plain = http_1(&answers).await;
        let encrypted = over_tls(http_1(&answers).await, "http/1.1").await;
        assert_eq!(ask(plain, HealthProtocol::Http, HttpVersion::Http1).await, answer);
        assert_eq!(ask(encrypted, HealthProtocol::Https, HttpVersion::Http1).await, answer);
        let head = answers.last_head();
        assert!(head.starts_with("GET /health?deep=yes HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("ELB-HealthChecker/2.0"), "{head}");
        assert!(head.contains("connection: close"), "{head}");
    }
}

#[tokio::test]
async fn an_http_2_target_is_asked_by_http_2() {
    let target = http_2(&Answers::new(204)).await;
    let encrypted = over_tls(http_2(&Answers::new(211)).await, "h2").await;
    let http_2 = HttpVersion::Http2;
    assert_eq!(ask(target, HealthProtocol::Http, http_2).await, Err(Failure::Code(204)));
    assert_eq!(ask(encrypted, HealthProtocol::Https, http_2).await, Ok(()));
    let old = babbling().await;
    assert_eq!(ask(old, HealthProtocol::Http, http_2).await, Err(Failure::Broken));
}

#[tokio::test]
async fn a_grpc_target_is_judged_by_its_grpc_status_wherever_that_is() {
    for in_trailers in [true, false] {
        let good = grpc(12, in_trailers).await;
        let bad = grpc(14, in_trailers).await;
        let grpc = HttpVersion::Grpc;
        assert_eq!(ask(good, HealthProtocol::Http, grpc).await, Ok(()));
        assert_eq!(ask(bad, HealthProtocol::Http, grpc).await, Err(Failure::Code(14)));
    }
    let no_grpc = http_2(&Answers::new(200)).await;
    let answer = ask(no_grpc, HealthProtocol::Http, HttpVersion::Grpc).await;
    assert_eq!(answer, Err(Failure::Broken));
}

#[tokio::test]
async fn a_connection_is_enough_for_tcp_and_a_handshake_for_tls() {
    let plain = http_1(&Answers::new(500)).await;
    let encrypted = over_tls(plain, "http/1.1").await;
    let version = HttpVersion::Http1;
    assert_eq!(ask(plain, HealthProtocol::Tcp, version).await, Ok(()));
    assert_eq!(ask(encrypted, HealthProtocol::Tls, version).await, Ok(()));
    let babbling = babbling().await;
    assert_eq!(ask(babbling, HealthProtocol::Tls, version).await, Err(Failure::Broken));
    assert_eq!(ask(babbling, HealthProtocol::Http, version).await, Err(Failure::Broken));
    let nobody = closed().await;
    for protocol in [HealthProtocol::Tcp, HealthProtocol::Tls, HealthProtocol::Http] {
        assert_eq!(ask(nobody, protocol, version).await, Err(Failure::Broken));
    }
}

/// AWS: a check says by the PROXY protocol that it is from no client.
#[tokio::test]
async fn a_check_tells_its_origin_where_connections_do() {
    let answers = Answers::new(200);
    let target = http_1(&answers).await;
    let check = check(HealthProtocol::Http);
    let mut group = group(&[target], GroupProtocol::Tcp, check.clone());
    group.attributes.proxy_protocol_v2 = true;
    assert_eq!(Probe::new(&group, &check, target).ask().await, Ok(()));
    let head = answers.last_head();
    assert!(head.starts_with("\r\n\r\n\0\r\nQUIT\n \0\0\0GET /health"), "{head:?}");
}

/// A configuration at work, and what it found.
#[derive(Default)]
struct Work {
    groups: Groups,
    checks: Checks,
}

impl Work {
    fn apply(&self, config: &TargetGroup) {
        self.groups.apply(std::slice::from_ref(config), Instant::now());
        self.checks.apply(std::slice::from_ref(config), &self.groups);
    }

    /// News until one says this.
    async fn wait_for(&self, state: HealthState) -> TargetHealth {
        loop {
            let news = self.checks.findings().news().await;
            if let Some(found) = news.into_iter().find(|found| found.state == state) {
                return found;
            }
        }
    }

    fn known(&self, target: SocketAddr) -> Option<HealthState> {
        let identity = TargetIdentity::of(&target.ip().to_string(), target.port());
        self.groups.get("web")?.health_of(identity)
    }
}

#[tokio::test]
async fn a_target_is_healthy_at_once_unhealthy_by_its_threshold_and_comes_back() {
    let answers = Answers::new(200);
    let target = http_1(&answers).await;
    let work = Work::default();
    work.apply(&group(&[target], GroupProtocol::Http, check(HealthProtocol::Http)));
    let begun = work.checks.findings().all();
    assert_eq!(begun[0].reason, Some(HealthReason::InitialHealthChecking));
    let healthy = work.wait_for(HealthState::Healthy).await;
    assert_eq!((healthy.port, healthy.reason), (target.port(), None));
    assert_eq!(work.known(target), Some(HealthState::Healthy));
    assert_eq!(answers.asked(), 1);

    answers.set(500);
    let unhealthy = work.wait_for(HealthState::Unhealthy).await;
    assert_eq!(answers.asked(), 3);
    assert_eq!(unhealthy.reason, Some(HealthReason::ResponseCodeMismatch));
    let description = "Health checks failed with these codes: [500]";
    assert_eq!(unhealthy.description.as_deref(), Some(description));
    assert_eq!(work.known(target), Some(HealthState::Unhealthy));

    answers.set(200);
    work.wait_for(HealthState::Healthy).await;
    assert_eq!(answers.asked(), 5);
}

#[tokio::test]
async fn a_target_that_says_nothing_is_given_up_after_the_timeout() {
    let target = mute().await;
    let work = Work::default();
    let check =
        HealthCheck { timeout_seconds: 1, unhealthy_threshold: 1, ..check(HealthProtocol::Http) };
    work.apply(&group(&[target], GroupProtocol::Http, check));
    let found = work.wait_for(HealthState::Unhealthy).await;
    assert_eq!(found.reason, Some(HealthReason::Timeout));
    assert_eq!(found.description.as_deref(), Some("Request timed out"));
}

#[tokio::test]
async fn checks_end_with_their_targets_and_go_on_otherwise() {
    let (first, second) = (Answers::new(200), Answers::new(200));
    let targets = [http_1(&first).await, http_1(&second).await];
    let mut config = group(&targets, GroupProtocol::Http, check(HealthProtocol::Http));
    let work = Work::default();
    work.apply(&config);
    work.wait_for(HealthState::Healthy).await;
    while work.known(targets[1]) != Some(HealthState::Healthy) {
        work.checks.findings().news().await;
    }
    config.targets[0].is_draining = true;
    config.attributes.slow_start_seconds = 30;
    work.apply(&config);
    assert_eq!(work.checks.count(), 1);
    assert_eq!(work.checks.findings().all().len(), 1);

    // Looked at in another way it is as healthy as it was.
    config.health_check =
        Some(HealthCheck { port: Some(closed().await.port()), ..check(HealthProtocol::Tcp) });
    work.apply(&config);
    assert_eq!(work.known(targets[1]), Some(HealthState::Healthy));
    let found = work.wait_for(HealthState::Unhealthy).await;
    assert_eq!(found.reason, Some(HealthReason::FailedHealthChecks));

    config.health_check = None;
    work.apply(&config);
    assert_eq!(work.checks.count(), 0);
    assert!(work.checks.findings().all().is_empty());
    assert_eq!(work.known(targets[1]), Some(HealthState::Healthy));
}

/// The first answers of very many come within a time that only says that they do not wait for each other.
#[tokio::test]
async fn a_thousand_targets_are_checked_side_by_side() {
    let answers = Answers::new(200);
    let listening = http_1(&answers).await;
    let nobody = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut config = group(&[], GroupProtocol::Tcp, check(HealthProtocol::Tcp));
    config.health_check = Some(HealthCheck {
        port: Some(listening.port()),
        interval_seconds: 300,
        ..check(HealthProtocol::Tcp)
    });
    config.targets = (1..=1000)
        .map(|port| Target {
            id: "127.0.0.1".to_owned(),
            address: nobody,
            port,
            zone: "a".to_owned(),
            is_draining: false,
        })
        .collect();
    let work = Work::default();
    work.apply(&config);
    let all = async {
        while work.groups.get("web").expect("it was applied").census()["a"].healthy < 1000 {
            work.checks.findings().news().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(100), all)
        .await
        .expect("nobody waits for an interval");
}

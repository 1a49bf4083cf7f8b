//! Who is told a configuration, and when.

use std::time::Duration;

use berth_aws_api::elbv2::{self as api, LoadBalancerStateEnum as State, ops};
use berth_control::pipeline::Peer;
use berth_control::reconcile::Reconcilers;
use berth_proxy_protocol::{CONFIGURATION_PATH, Configuration, REPORT_PATH};
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::world::{PEER, World};

fn asking(after: Option<u64>) -> Request<Bytes> {
    let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let uri = format!("http://127.0.0.1:4566{CONFIGURATION_PATH}{after}");
    Request::get(uri).body(Bytes::new()).expect("a request")
}

fn reporting() -> Request<Bytes> {
    saying(&json!({ "proxy": "one", "isWhole": true, "targets": [] }))
}

fn saying(report: &Value) -> Request<Bytes> {
    let uri = format!("http://127.0.0.1:4566{REPORT_PATH}");
    Request::post(uri).body(Bytes::from(report.to_string())).expect("a request")
}

fn told(body: &Bytes) -> Configuration {
    serde_json::from_slice(body).expect("a configuration")
}

#[tokio::test(start_paused = true)]
async fn hosts_alone_are_told_and_elsewhere_by_tls_alone() {
    let world = World::new().await;
    let elsewhere = std::net::IpAddr::from([192, 0, 2, 7]);
    for (key, peer, expected) in [
        ("HOST", PEER, StatusCode::OK),
        ("HOST", Peer::secure(elsewhere), StatusCode::OK),
        ("HOST", Peer::plain(elsewhere), StatusCode::BAD_REQUEST),
        ("ADMIN", PEER, StatusCode::BAD_REQUEST),
    ] {
        let answer = world.send(key, asking(None), peer).await;
        assert_eq!(answer.status(), expected, "{key} {peer:?}");
        if expected != StatusCode::OK {
            let body = String::from_utf8_lossy(answer.body()).into_owned();
            assert!(body.contains("AccessDeniedException"), "{body}");
        }
    }
    let report = world.send("ADMIN", reporting(), PEER).await;
    assert_eq!(report.status(), StatusCode::BAD_REQUEST);
    let report = world.send("HOST", reporting(), PEER).await;
    assert_eq!(report.status(), StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_told_of_a_change_at_once() {
    let world = World::new().await;
    let before = told(world.send("HOST", asking(None), PEER).await.body());
    assert!(before.balancers.is_empty());
    let began = tokio::time::Instant::now();
    let waiting = world.send("HOST", asking(Some(before.revision)), PEER);
    let (answer, _) = tokio::join!(waiting, world.balancer("web"));
    assert_eq!(answer.status(), StatusCode::OK);
    let after = told(answer.body());
    assert_ne!(after.revision, before.revision);
    assert_eq!(after.balancers.len(), 1);
    assert_eq!(began.elapsed(), std::time::Duration::ZERO, "nobody waited for a time");
    // Nothing else comes: the wait ends by itself.
    let answer = world.send("HOST", asking(Some(after.revision)), PEER).await;
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
}

#[tokio::test(start_paused = true)]
async fn a_revision_is_of_what_is_said_and_not_of_who_says_it() {
    // Both make the same things in the same order, and so by the same names.
    let (one, other) = (World::new().await, World::new().await);
    let revision =
        async |world: &World| told(world.send("HOST", asking(None), PEER).await.body()).revision;
    one.balancer("web").await;
    other.balancer("web").await;
    assert_eq!(revision(&one).await, revision(&other).await);
    one.balancer("more").await;
    assert_ne!(revision(&one).await, revision(&other).await);
}

/// The state of a balancer, and what its reason speaks of.
async fn state(world: &World, arn: &str) -> (State, String) {
    let asked = api::DescribeLoadBalancersInput {
        load_balancer_arns: Some(vec![arn.to_owned()]),
        ..Default::default()
    };
    let found = world.ask::<ops::DescribeLoadBalancers>(asked).await.load_balancers;
    let found = found.and_then(|mut found| found.pop()).and_then(|it| it.state);
    let found = found.expect("it has a state");
    (found.code.expect("it has a code"), found.reason.unwrap_or_default())
}

async fn reports(world: &World, report: Value) {
    let answer = world.send("HOST", saying(&report), PEER).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test(start_paused = true)]
async fn a_balancer_is_active_once_a_proxy_carries_it_and_as_long_as_one_is_heard() {
    let world = World::new().await;
    let mut reconcilers = Reconcilers::new(world.balancing.cell.clone(), world.env.clone());
    world.balancing.start(&mut reconcilers);
    let alone = world.balancer("alone").await;
    let (code, reason) = state(&world, &alone).await;
    assert_eq!(code, State::Active, "a control plane may be there for its API alone");
    assert!(reason.starts_with("No proxy has joined"), "{reason}");

    let whole = |carried: &[&str]| json!({ "proxy": "one", "isWhole": true, "targets": [], "carried": carried });
    let more = |carried: &[&str]| json!({ "proxy": "one", "isWhole": false, "targets": [], "carried": carried });
    let same = || json!({ "proxy": "one", "isWhole": false, "targets": [] });
    reports(&world, whole(&[])).await;
    assert_eq!(state(&world, &alone).await.0, State::Provisioning);
    reports(&world, more(&[&alone])).await;
    assert_eq!(state(&world, &alone).await, (State::Active, String::new()));

    let second = world.balancer("second").await;
    reports(&world, same()).await;
    let (code, reason) = state(&world, &second).await;
    assert_eq!(code, State::Provisioning);
    assert!(reason.contains("about to be"), "{reason}");
    reports(&world, more(&[&alone, &second])).await;
    assert_eq!(state(&world, &second).await, (State::Active, String::new()));

    // Silence, found out by a timer.
    tokio::time::sleep(Duration::from_secs(60)).await;
    reconcilers.settled().await;
    let (code, reason) = state(&world, &alone).await;
    assert_eq!(code, State::ActiveImpaired);
    assert!(reason.contains("has been silent since 20"), "{reason}");
    let third = world.balancer("third").await;
    let (code, reason) = state(&world, &third).await;
    assert_eq!(code, State::Provisioning);
    assert!(reason.contains("has been silent since 20"), "{reason}");

    // An older program does not say what it carries.
    reports(&world, json!({ "proxy": "two", "isWhole": true, "targets": [] })).await;
    for arn in [&alone, &third] {
        assert_eq!(state(&world, arn).await, (State::Active, String::new()));
    }
}

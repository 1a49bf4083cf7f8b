//! Who is told a configuration, and when.

use berth_control::pipeline::Peer;
use berth_proxy_protocol::{CONFIGURATION_PATH, Configuration, REPORT_PATH};
use bytes::Bytes;
use http::{Request, StatusCode};

use super::world::{PEER, World};

fn asking(after: Option<u64>) -> Request<Bytes> {
    let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let uri = format!("http://127.0.0.1:4566{CONFIGURATION_PATH}{after}");
    Request::get(uri).body(Bytes::new()).expect("a request")
}

fn reporting() -> Request<Bytes> {
    let body = r#"{"proxy": "one", "isWhole": true, "targets": []}"#;
    let uri = format!("http://127.0.0.1:4566{REPORT_PATH}");
    Request::post(uri).body(Bytes::from(body)).expect("a request")
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

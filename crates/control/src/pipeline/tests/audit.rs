//! What the audit is told of requests: every one, by whom, about what, and how it ended.

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use super::world::*;
use crate::audit::Line;

fn next(lines: &mut Receiver<Line>) -> Value {
    let line = lines.try_recv().expect("a call was told");
    assert_eq!(line.last(), Some(&b'\n'));
    serde_json::from_slice(&line).expect("JSON")
}

#[tokio::test(start_paused = true)]
async fn a_call_is_told_with_its_caller_and_what_it_asked_for() {
    let (world, mut lines) = World::audited();
    let mut request = put_text("echo", "hello");
    request.headers_mut().insert("user-agent", "aws-cli/1".parse().unwrap());
    let response = world.handle(signed(request)).await;
    let told = next(&mut lines);
    let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    assert_eq!(
        told,
        json!({
            "eventVersion": "1.11", "eventTime": NOW.to_string(),
            "eventSource": "fixture.amazonaws.com", "eventName": "PutText", "readOnly": false,
            "awsRegion": "eu-west-1", "sourceIPAddress": "127.0.0.1", "userAgent": "aws-cli/1",
            "userIdentity": {
                "type": "Root", "arn": "arn:aws:iam::123456789012:root",
                "accountId": "123456789012", "accessKeyId": KEY.0,
            },
            "requestParameters": { "Name": "echo", "Text": "hello" },
            "requestID": request_id,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn refusals_failures_and_strangers_are_told() {
    let (world, mut lines) = World::audited();
    for (name, code) in [
        ("missing", "ThingNotFoundException"),
        ("broken", "InternalFailure"),
        ("panic", "InternalFailure"),
    ] {
        world.put_text(name, "").await;
        let told = next(&mut lines);
        assert_eq!(
            (&told["errorCode"], &told["requestParameters"]["Name"]),
            (&json!(code), &json!(name))
        );
        assert!(told["errorMessage"].is_string());
        assert_ne!(told["errorMessage"], "the disk is on fire", "causes are ours");
    }
    world.handle(put_text("echo", "")).await;
    let told = next(&mut lines);
    assert_eq!((&told["userIdentity"], &told["requestParameters"]), (&Value::Null, &Value::Null));
    assert_eq!(told["errorCode"], "MissingAuthenticationTokenException");
    world.handle(signed(json("Fixture_20260131.Made\"Up", "{}"))).await;
    assert_eq!(next(&mut lines)["eventName"], "unknown");
    assert!(lines.try_recv().is_err(), "each once");
}

#[tokio::test(start_paused = true)]
async fn whoever_proves_nothing_is_told_as_nobody() {
    let (world, mut lines) = World::audited();
    world.handle(json("Fixture_20260131.Nothing", "{}")).await;
    let told = next(&mut lines);
    assert_eq!((&told["eventName"], &told["errorCode"]), (&json!("Nothing"), &Value::Null));
    assert_eq!(told["userIdentity"], Value::Null);
    assert_eq!(told["awsRegion"], "home");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_is_told_of() {
    let (world, mut lines) = World::audited();
    let mut request = Box::pin(world.put_text("wait", ""));
    assert!(request.as_mut().now_or_never().is_none());
    drop(request);
    let told = next(&mut lines);
    assert_eq!((&told["errorCode"], &told["eventName"]), (&json!("Abandoned"), &json!("PutText")));
    assert_eq!(told["requestParameters"]["Name"], "wait");
}

#[tokio::test(start_paused = true)]
async fn paths_that_change_nothing_and_belong_to_nobody_are_not_told() {
    let (world, mut lines) = World::audited();
    let get = |path: &str| http::Request::get(path).body(bytes::Bytes::new()).unwrap();
    world.handle(get("/health")).await;
    assert!(lines.try_recv().is_err());
    world.handle(signed(get("http://localhost/fixture/who"))).await;
    assert_eq!(next(&mut lines)["eventName"], "Who");
    let post = http::Request::post("/health").body(bytes::Bytes::new()).unwrap();
    world.handle(post).await;
    let told = next(&mut lines);
    assert_eq!(
        (&told["eventSource"], &told["eventName"], &told["errorCode"]),
        (&json!("berth.amazonaws.com"), &json!("/health"), &json!("405"))
    );
}

//! `berth up` with a runtime that pretends: everything but the containers is real.

use std::time::{Duration, Instant};

use berth_agent::{ControlPlane, HttpControlPlane};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::process::Home;

const UP: [&str; 7] = ["up", "--listen", "127.0.0.1:0", "--runtime", "fake", "--log", "warn"];
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again until the answer is as wished.
pub async fn until(
    ecs: &HttpControlPlane,
    operation: &str,
    input: Value,
    wished: impl Fn(&Value) -> bool,
) -> Value {
    let begun = Instant::now();
    loop {
        let answer = ecs.call(operation, input.clone()).await.expect("the server answers");
        if wished(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{operation} still answers {answer}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_task_runs_and_stops() {
    let home = Home::new();
    let up = home.serve(&UP);
    let ecs = home.ecs();
    until(&ecs, "ListContainerInstances", json!({}), |answer| {
        answer["containerInstanceArns"].as_array().is_some_and(|arns| arns.len() == 1)
    })
    .await;
    let definition = json!({
        "family": "web",
        "containerDefinitions": [{ "name": "web", "image": "web", "memory": 64 }],
    });
    ecs.call("RegisterTaskDefinition", definition).await.expect("a valid definition");
    let ran = ecs.call("RunTask", json!({ "taskDefinition": "web" })).await.expect("it fits");
    assert_eq!(ran["failures"], json!([]));
    let task = json!({ "tasks": [ran["tasks"][0]["taskArn"]] });
    let is =
        |status: &'static str| move |answer: &Value| answer["tasks"][0]["lastStatus"] == status;
    until(&ecs, "DescribeTasks", task.clone(), is("RUNNING")).await;
    let stop = json!({ "task": ran["tasks"][0]["taskArn"], "reason": "enough" });
    ecs.call("StopTask", stop).await.expect("it runs");
    let stopped = until(&ecs, "DescribeTasks", task, is("STOPPED")).await;
    assert_eq!(stopped["tasks"][0]["stoppedReason"], "enough");
    up.signal(Signal::TERM);
    assert_eq!(up.wait().code(), Some(0));
}

#[tokio::test]
async fn without_a_runtime_there_is_a_cluster_and_no_host() {
    let home = Home::new();
    let _up = home.serve(&["up", "--listen", "127.0.0.1:0", "--runtime", "none"]);
    let ecs = home.ecs();
    let clusters = ecs.call("DescribeClusters", json!({})).await.expect("the server answers");
    assert_eq!(clusters["clusters"][0]["clusterName"], "default");
    assert_eq!(clusters["clusters"][0]["registeredContainerInstancesCount"], 0);
}

#[tokio::test]
async fn a_host_comes_back_as_the_same_container_instance() {
    let home = Home::new();
    let mut instances = Vec::new();
    for _ in 0..2 {
        let up = home.serve(&UP);
        let answer = until(&home.ecs(), "ListContainerInstances", json!({}), |answer| {
            answer["containerInstanceArns"].as_array().is_some_and(|arns| !arns.is_empty())
        })
        .await;
        instances.push(answer["containerInstanceArns"].clone());
        up.kill();
    }
    assert_eq!(instances[0], instances[1]);
}

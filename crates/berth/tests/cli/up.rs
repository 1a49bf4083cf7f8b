//! `berth up` with a runtime that pretends: everything but the containers is real.

use berth_test_server::{Api, Value, json, until};

use crate::home;

/// Asks again until the answer is as wished.
fn ask_until(api: &Api, operation: &str, input: &Value, wished: impl Fn(&Value) -> bool) -> Value {
    until(operation, || {
        let answer = api.call(operation, input.clone());
        if wished(&answer) { Ok(answer) } else { Err(answer.to_string()) }
    })
}

fn has_a_host(answer: &Value) -> bool {
    answer["containerInstanceArns"].as_array().is_some_and(|arns| arns.len() == 1)
}

#[test]
fn a_task_runs_and_stops() {
    let home = home();
    let up = home.up("fake");
    let api = home.api();
    ask_until(&api, "ListContainerInstances", &json!({}), has_a_host);
    let container = json!({ "name": "web", "image": "web", "memory": 64 });
    let definition = json!({ "family": "web", "containerDefinitions": [container] });
    api.call("RegisterTaskDefinition", definition);
    let ran = api.call("RunTask", json!({ "taskDefinition": "web" }));
    assert_eq!(ran["failures"], json!([]));
    let task = json!({ "tasks": [ran["tasks"][0]["taskArn"]] });
    let is =
        |status: &'static str| move |answer: &Value| answer["tasks"][0]["lastStatus"] == status;
    ask_until(&api, "DescribeTasks", &task, is("RUNNING"));
    api.call("StopTask", json!({ "task": ran["tasks"][0]["taskArn"], "reason": "enough" }));
    let stopped = ask_until(&api, "DescribeTasks", &task, is("STOPPED"));
    assert_eq!(stopped["tasks"][0]["stoppedReason"], "enough");
    assert_eq!(up.terminate().code(), Some(0));
}

#[test]
fn without_a_runtime_there_is_a_cluster_and_no_host() {
    let home = home();
    let _up = home.up("none");
    let clusters = home.api().call("DescribeClusters", json!({}));
    assert_eq!(clusters["clusters"][0]["clusterName"], "default");
    assert_eq!(clusters["clusters"][0]["registeredContainerInstancesCount"], 0);
}

#[test]
fn a_host_comes_back_as_the_same_container_instance() {
    let home = home();
    let mut instances = Vec::new();
    for _ in 0..2 {
        let up = home.up("fake");
        let answer = ask_until(&home.api(), "ListContainerInstances", &json!({}), has_a_host);
        instances.push(answer["containerInstanceArns"].clone());
        up.kill();
    }
    assert_eq!(instances[0], instances[1]);
}

#[test]
fn a_host_whose_server_has_forgotten_everything_joins_anew() {
    let home = home();
    let identity = || std::fs::read_to_string(home.path().join("agent/identity.json")).unwrap();
    let mut identities = Vec::new();
    for _ in 0..2 {
        let up = home.serving("up").args(&["--runtime", "fake", "--store", "memory"]).start();
        ask_until(&home.api(), "ListContainerInstances", &json!({}), has_a_host);
        identities.push(identity());
        up.kill();
    }
    assert_ne!(identities[0], identities[1]);
}

#[test]
fn the_host_s_agent_has_a_key_of_its_own() {
    let home = home();
    let up = home.up("fake");
    ask_until(&home.api(), "ListContainerInstances", &json!({}), has_a_host);
    // A call shows its effect before it is logged.
    let registrations = until("a registration is logged", || {
        let log = up.log();
        let is_one = |line: &&str| line.contains("RegisterContainerInstance");
        let found: Vec<String> = log.lines().filter(is_one).map(str::to_owned).collect();
        if found.is_empty() { Err(log) } else { Ok(found) }
    });
    assert_eq!(registrations.len(), 1, "{registrations:?}");
    assert!(registrations[0].contains("principal=agent:i-"), "{registrations:?}");
}

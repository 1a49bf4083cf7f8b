//! What a container is started with, and what keeps one from starting.

use berth_test_server::json;

use super::{container, definition, host_and_ecs};
use crate::ecs::{one_container, text};
use crate::host::runtime_id;

#[test]
fn command_entry_point_and_environment_reach_the_program() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let with = json!({
        "entryPoint": ["/demo-web", "exit"], "command": ["5"],
    });
    let task = ecs.run_to_its_end(one_container("entry", with));
    assert_eq!(task["containers"][0]["exitCode"], 5);

    let variables = |pairs: &[(&str, &str)]| {
        json!(
            pairs
                .iter()
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect::<Vec<_>>()
        )
    };
    let with = json!({
        "command": ["print-env"],
        "environment": variables(&[("A", "of the definition"), ("B", "of the definition"), ("EMPTY", "")]),
    });
    let definition = ecs.register(one_container("environment", with));
    let overrides = json!({ "containerOverrides": [{
        "name": "main", "environment": variables(&[("B", "of the run = this one"), ("C", "new")]),
    }] });
    let run =
        ecs.api.call("RunTask", json!({ "taskDefinition": definition, "overrides": overrides }));
    let task = ecs.wait(&text(&run["tasks"][0]["taskArn"]), "STOPPED");
    let printed = host.docker(&["logs", runtime_id(&task)]);
    for line in ["A=of the definition", "B=of the run = this one", "C=new", "EMPTY="] {
        assert!(printed.lines().any(|printed| printed == line), "no {line} in:\n{printed}");
    }

    let overrides = json!({ "containerOverrides": [{ "name": "main", "command": ["exit", "9"] }] });
    let run =
        ecs.api.call("RunTask", json!({ "taskDefinition": definition, "overrides": overrides }));
    let task = ecs.wait(&text(&run["tasks"][0]["taskArn"]), "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 9);
    assert_eq!(task["overrides"]["containerOverrides"][0]["command"], json!(["exit", "9"]));
}

#[test]
fn what_cannot_start_says_why() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    // Nobody listens at port 1, so that no name has to be resolved to find that out.
    for (family, with, expected) in [
        ("no-image", json!({ "image": "127.0.0.1:1/none:1" }), "CannotPullContainerError: "),
        ("no-program", json!({ "entryPoint": ["/none"] }), "CannotStartContainerError: "),
    ] {
        let task = ecs.run_to_its_end(one_container(family, with));
        assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
        let reason = text(&task["containers"][0]["reason"]);
        assert!(reason.starts_with(expected), "{reason}");
        assert!(text(&task["stoppedReason"]).starts_with(expected), "{task}");
        assert_eq!(task["startedAt"], json!(null), "{task}");
    }
    assert_eq!(host.running(), Vec::<String>::new());

    // Others that start first do not make a task RUNNING that cannot be.
    let none = json!({ "entryPoint": ["/none"], "dependsOn": [{ "containerName": "first", "condition": "START" }] });
    let containers = json!([container("none", none), container("first", json!({}))]);
    let task = ecs.run_to_its_end(definition("half-started", containers));
    assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
    assert!(text(&task["stoppedReason"]).starts_with("CannotStartContainerError: "), "{task}");
    assert_eq!(task["startedAt"], json!(null), "{task}");
}

#[test]
fn what_does_not_fit_is_not_placed() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    for (family, with, reason) in [
        ("big", json!({ "memory": 100_000_000 }), "RESOURCE:MEMORY"),
        ("busy", json!({ "cpu": 1_000_000 }), "RESOURCE:CPU"),
        (
            "reserved",
            json!({ "portMappings": [{ "containerPort": 80, "hostPort": 22 }] }),
            "RESOURCE:PORTS",
        ),
    ] {
        let definition = ecs.register(one_container(family, with));
        let answer = ecs.api.call("RunTask", json!({ "taskDefinition": definition }));
        assert_eq!(answer["tasks"], json!([]));
        assert_eq!(answer["failures"][0]["reason"], reason, "{answer}");
    }
    assert_eq!(ecs.api.call("ListTasks", json!({}))["taskArns"], json!([]));
}

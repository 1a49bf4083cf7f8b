//! How containers end, and what is told of it.

use std::time::{Duration, Instant};

use berth_test_server::json;

use super::{container, definition, host_and_ecs, of_name};
use crate::ecs::{one_container, text};

#[test]
fn an_essential_container_takes_the_task_with_it_and_another_does_not() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let containers = json!([
        container(
            "main",
            json!({ "command": ["exit", "7"], "dependsOn": [{ "containerName": "other", "condition": "START" }] })
        ),
        container("other", json!({ "command": ["sleep", "3600"] })),
    ]);
    let task = ecs.run_to_its_end(definition("essential", containers));
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    assert_eq!(task["desiredStatus"], "STOPPED");
    assert_eq!(of_name(&task, "main")["exitCode"], 7);
    assert_eq!(of_name(&task, "other")["exitCode"], 0, "it was asked to end, and did");
    assert_eq!(host.running(), Vec::<String>::new());

    let containers = json!([
        container("main", json!({ "command": ["sleep", "3600"] })),
        container("helper", json!({ "command": ["exit", "3"], "essential": false })),
    ]);
    let task = ecs.run(&ecs.register(definition("helped", containers)));
    let task = ecs.wait_until(&task, "the helper has ended", |task| {
        of_name(task, "helper")["lastStatus"] == "STOPPED"
    });
    assert_eq!(of_name(&task, "helper")["exitCode"], 3);
    assert_eq!(
        (&task["lastStatus"], &task["desiredStatus"]),
        (&json!("RUNNING"), &json!("RUNNING"))
    );
    assert_eq!(of_name(&task, "main")["lastStatus"], "RUNNING");
}

#[test]
fn a_stop_asks_first_and_kills_when_the_grace_is_over() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let polite = ecs.launch(one_container("polite", json!({ "command": ["sleep", "3600"] })));
    let deaf = one_container("deaf", json!({ "command": ["ignore-term"], "stopTimeout": 2 }));
    let deaf = ecs.launch(deaf);
    let begun = Instant::now();
    for task in [&polite, &deaf] {
        ecs.stop(&text(&task["taskArn"]));
    }
    let polite = ecs.wait(&text(&polite["taskArn"]), "STOPPED");
    assert_eq!(polite["containers"][0]["exitCode"], 0);
    let deaf = ecs.wait(&text(&deaf["taskArn"]), "STOPPED");
    assert_eq!(deaf["containers"][0]["exitCode"], 137);
    assert!(begun.elapsed() >= Duration::from_secs(2), "it was given its two seconds");
    for task in [polite, deaf] {
        assert_eq!(
            (&task["stopCode"], &task["stoppedReason"]),
            (&json!("UserInitiated"), &json!("enough"))
        );
        let seconds =
            |name: &str| task[name].as_f64().unwrap_or_else(|| panic!("no {name}: {task}"));
        let times = [
            "createdAt",
            "pullStartedAt",
            "pullStoppedAt",
            "startedAt",
            "stoppingAt",
            "executionStoppedAt",
            "stoppedAt",
        ];
        let times = times.map(seconds);
        assert!(times.is_sorted(), "{times:?}");
    }
    assert_eq!(host.running(), Vec::<String>::new());
}

#[test]
fn a_container_that_eats_too_much_is_named() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    let task =
        ecs.run_to_its_end(one_container("hungry", json!({ "command": ["eat-memory", "64"] })));
    let container = &task["containers"][0];
    assert_eq!(container["exitCode"], 137);
    assert_eq!(container["reason"], "OutOfMemoryError: Container killed due to memory usage");
    assert_eq!(task["stopCode"], "EssentialContainerExited");
}

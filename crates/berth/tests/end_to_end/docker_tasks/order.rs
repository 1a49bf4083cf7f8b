//! Containers that need each other, and health.

use berth_test_server::{Value, json};

use super::{container, definition, host_and_ecs, of_name};
use crate::ecs::{one_container, text};
use crate::host::Host;

fn needing(container: &str, condition: &str) -> Value {
    json!([{ "containerName": container, "condition": condition }])
}

/// When the engine started a container of a task.
fn time(host: &Host, task: &Value, name: &str, which: &str) -> String {
    let id = text(&of_name(task, name)["runtimeId"]);
    host.docker(&["inspect", "--format", &format!("{{{{.State.{which}}}}}"), &id])
}

#[test]
fn containers_start_in_the_order_of_their_needs() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let containers = json!([
        container("last", json!({ "dependsOn": needing("checked", "HEALTHY") })),
        container(
            "checked",
            json!({
                "dependsOn": needing("prepared", "SUCCESS"),
                "healthCheck": { "command": ["CMD", "/demo-web", "exit", "0"], "interval": 5 },
            })
        ),
        container(
            "prepared",
            json!({
                "command": ["sleep", "0.3"], "essential": false, "dependsOn": needing("tried", "COMPLETE"),
            })
        ),
        container("tried", json!({ "command": ["exit", "4"], "essential": false })),
    ]);
    let task = ecs.launch(definition("ordered", containers));
    assert_eq!(of_name(&task, "tried")["exitCode"], 4);
    assert_eq!(of_name(&task, "prepared")["exitCode"], 0);
    assert_eq!(of_name(&task, "checked")["healthStatus"], "HEALTHY");
    // The engine's times are in one zone and one form, with all digits, but zeroes at their end may be missing.
    let started = |name| time(&host, &task, name, "StartedAt").trim_end_matches('Z').to_owned();
    let finished = |name| time(&host, &task, name, "FinishedAt").trim_end_matches('Z').to_owned();
    assert!(finished("tried") <= started("prepared"));
    assert!(finished("prepared") <= started("checked"));
    assert!(started("checked") <= started("last"));
}

#[test]
fn a_need_that_fails_keeps_the_task_from_starting() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let containers = json!([
        container("main", json!({ "dependsOn": needing("prepared", "SUCCESS") })),
        container("prepared", json!({ "command": ["exit", "4"], "essential": false })),
    ]);
    let task = ecs.run_to_its_end(definition("failing", containers));
    assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
    assert_eq!(of_name(&task, "prepared")["exitCode"], 4);
    assert_eq!(of_name(&task, "main")["exitCode"], json!(null));
    let reason = text(&task["stoppedReason"]);
    assert!(reason.contains("prepared") && reason.contains("exited with code 4"), "{reason}");
    assert_eq!(host.running(), Vec::<String>::new());
}

#[test]
fn a_need_that_is_not_met_in_time_keeps_the_task_from_starting() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    let never = json!({ "command": ["CMD", "/demo-web", "exit", "1"], "interval": 300 });
    let containers = json!([
        container("main", json!({ "dependsOn": needing("slow", "HEALTHY") })),
        container("slow", json!({ "healthCheck": never, "startTimeout": 2 })),
    ]);
    let task = ecs.run_to_its_end(definition("slow", containers));
    let reason = text(&of_name(&task, "main")["reason"]);
    assert!(reason.contains("slow") && reason.contains("within its start timeout"), "{reason}");
    assert_eq!(task["startedAt"], json!(null), "{task}");
}

#[test]
fn health_checks_are_told() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    let checked = |code: &str| json!({ "healthCheck": { "command": ["CMD", "/demo-web", "exit", code], "interval": 5, "retries": 1 } });
    let well = ecs.run(&ecs.register(one_container("well", checked("0"))));
    let ill = ecs.run(&ecs.register(one_container("ill", checked("1"))));
    for (task, status) in [(&well, "HEALTHY"), (&ill, "UNHEALTHY")] {
        let task = ecs.wait_until(task, &format!("the task is {status}"), |task| {
            task["healthStatus"] == status
        });
        assert_eq!(task["containers"][0]["healthStatus"], status);
        assert_eq!(
            task["lastStatus"], "RUNNING",
            "illness alone ends no task that no service owns"
        );
    }
}

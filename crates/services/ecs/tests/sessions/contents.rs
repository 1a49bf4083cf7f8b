//! What a payload says of a task, member by member. `task_definition.json` is what is registered,
//! `payload.json` what the agent reads.

use serde_json::{Value, json};

use super::world::World;

fn task_definition() -> Value {
    serde_json::from_str(include_str!("task_definition.json")).expect("JSON")
}

/// `dockerConfig`'s texts read better as what they hold.
fn unfolded(mut payload: Value) -> Value {
    for container in payload["tasks"][0]["containers"].as_array_mut().expect("containers") {
        for name in ["config", "hostConfig"] {
            let text = container["dockerConfig"][name].as_str().expect("a text").to_owned();
            container["dockerConfig"][name] = serde_json::from_str(&text).expect("JSON in a text");
        }
    }
    // Of credentials, whose they are is all that belongs in a file.
    let credentials = &mut payload["tasks"][0]["executionRoleCredentials"];
    *credentials = json!({"roleArn": credentials["roleArn"]});
    payload
}

#[tokio::test(start_paused = true)]
async fn every_member_of_a_task_definition_reaches_the_agent() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let capabilities = [
        "com.amazonaws.ecs.capability.ecr-auth",
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "com.amazonaws.ecs.capability.logging-driver.json-file",
        "com.amazonaws.ecs.capability.privileged-container",
        "ecs.capability.container-health-check",
        "ecs.capability.container-ordering",
        "ecs.capability.docker-plugin.local",
        "ecs.capability.execution-role-awslogs",
        "ecs.capability.execution-role-ecr-pull",
        "ecs.capability.network.container-port-range",
        "ecs.capability.task-cpu-mem-limit",
    ];
    let engine =
        (17..=44).map(|minor| format!("com.amazonaws.ecs.capability.docker-remote-api.1.{minor}"));
    let capabilities = capabilities.into_iter().map(str::to_owned).chain(engine);
    let attributes: Vec<Value> = capabilities.map(|name| json!({"name": name})).collect();
    let again = json!({
        "cluster": "web", "containerInstanceArn": agent.instance,
        "totalResources": [
            {"name": "CPU", "type": "INTEGER", "integerValue": 4096},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192},
            {"name": "GPU", "type": "STRINGSET", "stringSetValue": ["GPU-a", "GPU-b"]},
        ],
        "attributes": attributes,
    });
    world.ask("RegisterContainerInstance", again).await;
    world.ask("RegisterTaskDefinition", task_definition()).await;
    let started = world.ask("RunTask", json!({
        "cluster": "web", "taskDefinition": "rich", "group": "g", "startedBy": "me",
        "overrides": {"cpu": "1024", "memory": "512", "containerOverrides": [{
            "name": "main", "command": ["other"], "cpu": 256, "memory": 400, "memoryReservation": 100,
            "environment": [{"name": "B", "value": "2"}, {"name": "C", "value": "3"}],
        }]},
    }));
    assert_eq!(started.await["failures"], json!([]));
    let payload = unfolded(agent.take_payload().await);
    let found = serde_json::to_string_pretty(&payload["tasks"]).expect("JSON can be written");

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sessions/payload.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, found + "\n").expect("the golden file can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).expect("the golden file is there");
    assert_eq!(found, expected.trim_end());
}

//! Files that outlive or leave a container.

use std::fs;

use berth_test_server::{Value, json};

use super::{container, definition, host_and_ecs, of_name};
use crate::host::Host;

/// One container writes, and another that starts afterwards must find it: it ends with 0 if it does.
fn written_and_found(family: &str, volume: Value) -> Value {
    let mount = json!([{ "sourceVolume": "vault", "containerPath": "/v" }]);
    let containers = json!([
        container(
            "finds",
            json!({
                "command": ["compare", "/v/file", "it"], "mountPoints": mount,
                "dependsOn": [{ "containerName": "writes", "condition": "SUCCESS" }],
            })
        ),
        container(
            "writes",
            json!({ "command": ["write", "/v/file", "it"], "mountPoints": mount, "essential": false })
        ),
    ]);
    let mut definition = definition(family, containers);
    definition["volumes"] = json!([volume]);
    definition
}

fn volumes(host: &Host) -> Vec<String> {
    host.docker(&["volume", "ls", "--quiet"]).lines().map(str::to_owned).collect()
}

#[test]
fn a_directory_of_the_host_is_shared() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let directory = host.engine.directory().join("shop");
    fs::create_dir(&directory).expect("the engine's directory can be written to");
    let source = directory.to_str().expect("its path is text");
    let volume = json!({ "name": "vault", "host": { "sourcePath": source } });
    let task = ecs.run_to_its_end(written_and_found("bind", volume.clone()));
    assert_eq!(of_name(&task, "finds")["exitCode"], 0, "{task}");
    assert_eq!(fs::read_to_string(directory.join("file")).expect("it was written"), "it");

    // What is mounted to be read cannot be written.
    let mount = json!([{ "sourceVolume": "vault", "containerPath": "/v", "readOnly": true }]);
    let writes = container(
        "writes",
        json!({ "command": ["write", "/v/file", "else"], "mountPoints": mount }),
    );
    let mut refused = definition("read-only", json!([writes]));
    refused["volumes"] = json!([volume]);
    let task = ecs.run_to_its_end(refused);
    assert_eq!(of_name(&task, "writes")["exitCode"], 1);
    assert_eq!(fs::read_to_string(directory.join("file")).expect("it is there"), "it");
}

#[test]
fn a_volume_is_a_tasks_own_or_shared() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let scratch = json!({ "name": "vault", "dockerVolumeConfiguration": { "scope": "task", "driver": "local" } });
    let task = ecs.run_to_its_end(written_and_found("scratch", scratch));
    assert_eq!(of_name(&task, "finds")["exitCode"], 0, "{task}");

    let kept = json!({ "name": "vault", "dockerVolumeConfiguration": {
        "scope": "shared", "autoprovision": true, "driver": "local", "labels": { "team": "shop" },
    } });
    let task = ecs.run_to_its_end(written_and_found("kept", kept.clone()));
    assert_eq!(of_name(&task, "finds")["exitCode"], 0, "{task}");
    assert!(volumes(&host).contains(&"vault".to_owned()), "{:?}", volumes(&host));
    assert_eq!(
        host.docker(&["volume", "inspect", "--format", "{{.Labels.team}}", "vault"]),
        "shop"
    );

    // Another task finds what that one has left.
    let mount = json!([{ "sourceVolume": "vault", "containerPath": "/v" }]);
    let finds = container(
        "finds",
        json!({ "command": ["compare", "/v/file", "it"], "mountPoints": mount }),
    );
    let mut again = definition("again", json!([finds]));
    again["volumes"] = json!([kept]);
    let task = ecs.run_to_its_end(again);
    assert_eq!(of_name(&task, "finds")["exitCode"], 0, "{task}");
}

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
fn all_volumes_of_another_container_can_be_had_to_read_or_to_write() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    let from = |read_only: bool| json!([{ "sourceContainer": "owner", "readOnly": read_only }]);
    let after = |name: &str| json!([{ "containerName": name, "condition": "COMPLETE" }]);
    let containers = json!([
        container(
            "finds",
            json!({
                "command": ["compare", "/v/file", "it"], "volumesFrom": from(true),
                "dependsOn": after("spoils"),
            })
        ),
        container(
            "spoils",
            json!({
                "command": ["write", "/v/file", "else"], "volumesFrom": from(true), "essential": false,
                "dependsOn": after("writes"),
            })
        ),
        container(
            "writes",
            json!({
                "command": ["write", "/v/file", "it"], "volumesFrom": from(false), "essential": false,
            })
        ),
        container(
            "owner",
            json!({ "mountPoints": [{ "sourceVolume": "vault", "containerPath": "/v" }] })
        ),
    ]);
    let mut definition = definition("from", containers);
    definition["volumes"] = json!([{ "name": "vault" }]);
    let task = ecs.run_to_its_end(definition);
    let code = |name: &str| of_name(&task, name)["exitCode"].clone();
    assert_eq!((code("writes"), code("spoils"), code("finds")), (json!(0), json!(1), json!(0)));
}

#[test]
fn a_volume_has_the_options_of_its_driver() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let options = json!({ "type": "tmpfs", "device": "tmpfs", "o": "size=4m" });
    let mount = json!([{ "sourceVolume": "vault", "containerPath": "/v" }]);
    let idle = container("idle", json!({ "command": ["sleep", "3600"], "mountPoints": mount }));
    let mut definition = definition("driven", json!([idle]));
    definition["volumes"] = json!([{ "name": "vault", "dockerVolumeConfiguration": {
        "scope": "task", "driver": "local", "driverOpts": options, "labels": { "team": "shop" },
    } }]);
    let task = ecs.launch(definition);
    let pid = host.inspect(&task)["State"]["Pid"].as_u64().expect("it runs");
    let mounts = fs::read_to_string(format!("/proc/{pid}/mountinfo")).expect("it is there");
    let mounted = mounts.lines().find(|line| line.split(' ').nth(4) == Some("/v"));
    let mounted = mounted.unwrap_or_else(|| panic!("nothing at /v: {mounts}"));
    assert!(mounted.contains("- tmpfs") && mounted.contains("size=4096k"), "{mounted}");
    let labels =
        host.docker(&["volume", "inspect", "--format", "{{.Labels.team}}", &volumes(&host)[0]]);
    assert_eq!(labels, "shop");
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

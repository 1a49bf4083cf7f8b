//! Every parameter of a container that this kind of host can do, as the engine has it in the end.

use berth_test_server::{Value, json, until};

use super::{container, definition, host_and_ecs};
use crate::ecs::one_container;

/// Each parameter, where Docker shows it, and what it shows then.
fn parameters() -> Vec<(Value, &'static str, Value)> {
    let linux = |parameters: Value| json!({ "linuxParameters": parameters });
    vec![
        (json!({ "hostname": "till" }), "/Config/Hostname", json!("till")),
        (json!({ "user": "1000:1000" }), "/Config/User", json!("1000:1000")),
        (json!({ "workingDirectory": "/srv" }), "/Config/WorkingDir", json!("/srv")),
        (json!({ "dockerLabels": { "team": "shop" } }), "/Config/Labels/team", json!("shop")),
        (json!({ "interactive": true }), "/Config/OpenStdin", json!(true)),
        (json!({ "pseudoTerminal": true }), "/Config/Tty", json!(true)),
        (json!({ "readonlyRootFilesystem": true }), "/HostConfig/ReadonlyRootfs", json!(true)),
        (json!({ "dnsServers": ["10.0.0.2"] }), "/HostConfig/Dns", json!(["10.0.0.2"])),
        (
            json!({ "dnsSearchDomains": ["shop.internal"] }),
            "/HostConfig/DnsSearch",
            json!(["shop.internal"]),
        ),
        (
            json!({ "extraHosts": [{ "hostname": "mail", "ipAddress": "10.0.0.3" }] }),
            "/HostConfig/ExtraHosts",
            json!(["mail:10.0.0.3"]),
        ),
        (
            json!({ "dockerSecurityOptions": ["no-new-privileges"] }),
            "/HostConfig/SecurityOpt",
            json!(["no-new-privileges"]),
        ),
        (
            json!({ "ulimits": [{ "name": "nofile", "softLimit": 100, "hardLimit": 200 }] }),
            "/HostConfig/Ulimits",
            json!([{ "Name": "nofile", "Soft": 100, "Hard": 200 }]),
        ),
        (
            json!({ "systemControls": [{ "namespace": "net.core.somaxconn", "value": "512" }] }),
            "/HostConfig/Sysctls",
            json!({ "net.core.somaxconn": "512" }),
        ),
        (
            json!({ "logConfiguration": { "logDriver": "json-file", "options": { "max-size": "1m" } } }),
            "/HostConfig/LogConfig",
            json!({ "Type": "json-file", "Config": { "max-size": "1m" } }),
        ),
        (
            linux(json!({ "capabilities": { "add": ["NET_ADMIN"] } })),
            "/HostConfig/CapAdd",
            json!(["NET_ADMIN"]),
        ),
        (
            linux(json!({ "capabilities": { "drop": ["CHOWN"] } })),
            "/HostConfig/CapDrop",
            json!(["CHOWN"]),
        ),
        (linux(json!({ "sharedMemorySize": 32 })), "/HostConfig/ShmSize", json!(32 << 20)),
        (
            linux(
                json!({ "tmpfs": [{ "containerPath": "/tmp", "size": 16, "mountOptions": ["noexec"] }] }),
            ),
            "/HostConfig/Tmpfs",
            json!({ "/tmp": "noexec,size=16m" }),
        ),
        (
            linux(
                json!({ "devices": [{ "hostPath": "/dev/null", "containerPath": "/dev/void", "permissions": ["read"] }] }),
            ),
            "/HostConfig/Devices",
            json!([{ "PathOnHost": "/dev/null", "PathInContainer": "/dev/void", "CgroupPermissions": "r" }]),
        ),
        (linux(json!({ "initProcessEnabled": true })), "/HostConfig/Init", json!(true)),
        (json!({ "disableNetworking": true }), "/Config/NetworkDisabled", json!(true)),
        (
            json!({ "healthCheck": {
                "command": ["CMD", "/demo-web", "exit", "0"], "interval": 7, "timeout": 3, "retries": 2, "startPeriod": 11,
            } }),
            "/Config/Healthcheck",
            json!({
                "Test": ["CMD", "/demo-web", "exit", "0"], "Interval": 7_000_000_000_u64, "Timeout": 3_000_000_000_u64,
                "Retries": 2, "StartPeriod": 11_000_000_000_u64,
            }),
        ),
        (linux(json!({ "maxSwap": 8 })), "/HostConfig/MemorySwap", json!((16 + 8) << 20)),
        (
            linux(json!({ "maxSwap": 8, "swappiness": 10 })),
            "/HostConfig/MemorySwappiness",
            json!(10),
        ),
    ]
}

/// Not every machine lets such a container start; what it was made with can be seen all the same.
#[test]
fn a_privileged_container_is_made_so() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let task = ecs.run(&ecs.register(one_container("privileged", json!({ "privileged": true }))));
    let made = until("the container is made, and has started or failed to", || {
        let task = ecs.task(&task);
        let settled = ["RUNNING", "STOPPED"].iter().any(|status| task["lastStatus"] == *status);
        if settled { Ok(task) } else { Err(task.to_string()) }
    });
    assert_eq!(host.inspect(&made)["HostConfig"]["Privileged"], true);
}

/// Few to a task, since a task definition has ten containers at most.
#[test]
fn parameters_reach_the_engine() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    for (number, group) in parameters().chunks(8).enumerate() {
        let containers: Vec<Value> = group
            .iter()
            .enumerate()
            .map(|(index, (with, _, _))| container(&format!("c{index}"), with.clone()))
            .collect();
        let task = ecs.launch(definition(&format!("parameters-{number}"), json!(containers)));
        for (shown, (with, place, expected)) in
            task["containers"].as_array().expect("a list").iter().zip(group)
        {
            let id = shown["runtimeId"].as_str().expect("it has been made");
            let inspected: Value =
                serde_json::from_str(&host.docker(&["inspect", id])).expect("docker prints JSON");
            assert_eq!(inspected[0].pointer(place), Some(expected), "{place} of {with}");
        }
    }
}

//! Ports are where `networkBindings` say.

use berth_test_server::{Value, json, until};

use super::{container, definition, host_and_ecs, of_name};
use crate::ecs::{Ecs, host_port, one_container, text};
use crate::host::Host;

/// The binding of this container port and protocol.
#[track_caller]
fn bound(container: &Value, container_port: u16, protocol: &str) -> u16 {
    let bindings = container["networkBindings"].as_array().expect("a container has bindings");
    let mut of_port = bindings.iter().filter(|binding| {
        binding["containerPort"] == container_port && binding["protocol"] == protocol
    });
    let binding =
        of_port.next().unwrap_or_else(|| panic!("no binding of {container_port}: {container}"));
    assert_eq!(binding["bindIP"], "0.0.0.0");
    let port = binding["hostPort"].as_u64().and_then(|port| port.try_into().ok());
    port.expect("a binding has a port of the host")
}

fn serves(host: &Host, port: u16) -> bool {
    let page = host.engine.http_get(port, "/health").expect("it answers");
    page.starts_with("HTTP/1.1 200 ")
}

/// What comes back of a packet: sent again until something does, as packets may be lost.
fn echoed(host: &Host, port: u16) -> String {
    let script =
        format!("exec 3<>/dev/udp/127.0.0.1/{port}; printf ping >&3; exec timeout 1 head -c 4 <&3");
    until("a packet comes back", || {
        let output = host.engine.command("bash").args(["-c", &script]).output();
        let printed = output.expect("bash runs").stdout;
        let back = String::from_utf8_lossy(&printed).into_owned();
        if back.is_empty() { Err("nothing".to_owned()) } else { Ok(back) }
    })
}

#[test]
fn static_dynamic_and_udp_ports_are_mapped_and_told() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let containers = json!([
        container("fixed", json!({ "portMappings": [{ "containerPort": 80, "hostPort": 8080 }] })),
        container("free", json!({ "portMappings": [{ "containerPort": 80 }] })),
        container(
            "udp",
            json!({
                "command": ["echo-udp"],
                "portMappings": [
                    { "containerPort": 7, "hostPort": 7007, "protocol": "udp" },
                    { "containerPort": 80, "hostPort": 0, "protocol": "tcp" },
                ],
            })
        ),
    ]);
    let task = ecs.launch(definition("ports", containers));
    assert_eq!(bound(of_name(&task, "fixed"), 80, "tcp"), 8080);
    assert!(serves(&host, 8080));
    let free = bound(of_name(&task, "free"), 80, "tcp");
    assert!(free >= 32768 && serves(&host, free), "{free}");
    assert_eq!(bound(of_name(&task, "udp"), 7, "udp"), 7007);
    assert_eq!(echoed(&host, 7007), "ping");
    assert_ne!(bound(of_name(&task, "udp"), 80, "tcp"), free);
}

#[test]
fn a_range_of_ports_is_mapped_to_as_many_in_a_row() {
    let Some(host) = Host::for_test() else { return };
    let _up = host.up_with(&["--dynamic-host-port-range", "50000-50019"]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    // It is in the way of what would be tried first.
    let taken = json!({ "portMappings": [{ "containerPort": 80, "hostPort": 50018 }] });
    ecs.launch(one_container("taken", taken));
    let ranges = json!({ "portMappings": [
        { "containerPortRange": "79-81" }, { "containerPortRange": "7-8", "protocol": "udp" },
    ] });
    let task = ecs.launch(one_container("ranged", ranges));
    let bindings = task["containers"][0]["networkBindings"].as_array().expect("it has bindings");
    let range = |protocol: &str| {
        let binding = bindings.iter().find(|binding| binding["protocol"] == protocol);
        let binding = binding.unwrap_or_else(|| panic!("no {protocol}: {task}"));
        (text(&binding["containerPortRange"]), text(&binding["hostPortRange"]))
    };
    assert_eq!(bindings.len(), 2, "a range is one binding: {bindings:?}");
    assert_eq!(range("tcp"), ("79-81".to_owned(), "50014-50016".to_owned()));
    assert!(serves(&host, 50015), "the middle one is 80");
    let (udp, on_host) = range("udp");
    assert_eq!(udp, "7-8");
    assert!(on_host.starts_with("500"), "{on_host}");
}

#[test]
fn a_port_that_is_taken_is_not_given_twice() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let ports = json!({ "portMappings": [{ "containerPort": 80, "hostPort": 8080 }] });
    let definition = ecs.register(one_container("web", ports));
    let first = ecs.run(&definition);
    let answer = ecs.api.call("RunTask", json!({ "taskDefinition": definition }));
    assert_eq!(answer["tasks"], json!([]));
    let failure = &answer["failures"][0];
    assert_eq!(failure["reason"], "RESOURCE:PORTS", "{answer}");
    ecs.wait(&first, "RUNNING");
    let other = one_container(
        "other",
        json!({ "portMappings": [{ "containerPort": 80, "hostPort": 8081 }] }),
    );
    assert_eq!(host_port(&ecs.launch(other)), 8081);
    // It is free again when its container has ended, and then really is.
    ecs.stop(&first);
    ecs.wait(&first, "STOPPED");
    let second = ecs.wait(&ecs.run(&definition), "RUNNING");
    assert_eq!(host_port(&second), 8080);
    assert!(serves(&host, 8080));
}

#[test]
fn host_networking_shares_the_hosts_ports_and_none_has_none() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let mut shared = one_container(
        "shared",
        json!({
            "environment": [{ "name": "PORT", "value": "8090" }],
            "portMappings": [{ "containerPort": 8090 }],
        }),
    );
    shared["networkMode"] = json!("host");
    let task = ecs.launch(shared);
    assert_eq!(host.inspect(&task)["HostConfig"]["NetworkMode"], "host");
    assert_eq!(host_port(&task), 8090);
    assert!(serves(&host, 8090));

    let mut alone = one_container("alone", json!({ "command": ["sleep", "3600"] }));
    alone["networkMode"] = json!("none");
    let task = ecs.launch(alone);
    assert_eq!(host.inspect(&task)["HostConfig"]["NetworkMode"], "none");
    assert_eq!(task["containers"][0]["networkBindings"], json!([]));
}

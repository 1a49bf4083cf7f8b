use serde_json::{Value, json};

use super::*;

fn inspected(state: Value) -> ContainerState {
    container(serde_json::from_value(full(state)).unwrap()).unwrap()
}

fn full(state: Value) -> Value {
    json!({
        "Id": "abc", "Name": "/web", "Image": "sha256:1", "Created": "2024-05-06T07:08:09.123456789Z",
        "Config": { "Image": "web:1", "Labels": { "a": "b" } },
        "State": state,
        "NetworkSettings": {
            "Ports": {
                "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "49153" }, { "HostIp": "::", "HostPort": "49153" }],
                "81/tcp": null,
                "9/sctp": [{ "HostIp": "0.0.0.0", "HostPort": "9" }],
            },
            "Networks": { "bridge": { "IPAddress": "172.17.0.2", "GlobalIPv6Address": "" } },
        },
    })
}

#[test]
fn a_running_container_has_its_ports_and_addresses() {
    let state = inspected(json!({
        "Status": "running", "Pid": 42, "StartedAt": "2024-05-06T07:08:10Z", "FinishedAt": "0001-01-01T00:00:00Z",
        "Health": { "Status": "starting" },
    }));
    assert_eq!(state.name, "web");
    assert_eq!(
        state.run,
        Run::Running { started_at: "2024-05-06T07:08:10Z".parse().unwrap(), pid: 42 }
    );
    assert_eq!(state.health, Health::Starting);
    let binding = PortBinding {
        container_port: 80,
        host_port: 49153,
        transport: Transport::Tcp,
        host_ip: ANY,
    };
    assert_eq!(state.ports, [binding]);
    assert_eq!(state.addresses, [IpAddr::from([172, 17, 0, 2])]);
    assert_eq!(state.created_at.as_millis() % 1000, 123);
}

#[test]
fn an_ended_container_says_how() {
    let state = inspected(json!({
        "Status": "exited", "Pid": 0, "ExitCode": 137, "OOMKilled": true, "Error": "",
        "StartedAt": "2024-05-06T07:08:10Z", "FinishedAt": "2024-05-06T07:08:11Z",
    }));
    let exit = state.exit().unwrap();
    assert_eq!((exit.code, exit.oom_killed), (137, true));
    assert_eq!(exit.reason().unwrap(), "OutOfMemoryError: Container killed due to memory usage");
    assert!(state.ports.is_empty() && state.addresses.is_empty());
}

#[test]
fn a_start_that_failed_was_no_run() {
    let never = "0001-01-01T00:00:00Z";
    let state = inspected(json!({
        "Status": "created", "ExitCode": 127, "Error": "no such program", "StartedAt": never, "FinishedAt": never,
    }));
    assert_eq!(state.run, Run::Created);
}

#[test]
fn an_answer_without_a_state_is_an_error() {
    let mut answer = full(Value::Null);
    answer.as_object_mut().unwrap().remove("State");
    let error = container(serde_json::from_value(answer).unwrap()).unwrap_err();
    assert!(error.message().contains("state"), "{error}");
}

#[test]
fn the_digest_is_that_of_the_repository_asked_for() {
    let digests = ["mirror:5000/web@sha256:1".to_owned(), "team/web@sha256:2".to_owned()];
    assert_eq!(digest("team/web:3", &digests).as_deref(), Some("sha256:2"));
    assert_eq!(digest("mirror:5000/web", &digests).as_deref(), Some("sha256:1"));
    assert_eq!(digest("team/web@sha256:2", &digests).as_deref(), Some("sha256:2"));
    assert_eq!(digest("docker.io/team/web", &digests[1..]).as_deref(), Some("sha256:2"));
    assert_eq!(digest("web", &[]), None);
    let twice = ["team/web@sha256:1".to_owned(), "team/web@sha256:2".to_owned()];
    assert_eq!(digest("team/web:3@sha256:2", &twice).as_deref(), Some("sha256:2"));
}

#[test]
fn fixed_ports_need_no_question() {
    let port = |host_port| PortSpec {
        container_port: 80,
        host_port,
        transport: Transport::Udp,
        host_ip: None,
    };
    let fixed = fixed_bindings(&[port(Some(81)), port(Some(80))]).unwrap();
    assert_eq!(fixed.iter().map(|binding| binding.host_port).collect::<Vec<_>>(), [80, 81]);
    assert_eq!(fixed_bindings(&[port(Some(80)), port(None)]), None);
    assert_eq!(fixed_bindings(&[]), Some(Vec::new()));
}

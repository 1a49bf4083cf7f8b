//! Process and IPC namespaces: which containers are in the same.

use std::fs;

use berth_test_server::{Value, json};

use super::{container, host_and_ecs};
use crate::host::Host;

/// The namespaces of a container's first process, as the kernel numbers them.
fn namespaces(host: &Host, container: &Value) -> (String, String) {
    let id = container["runtimeId"].as_str().expect("it was made");
    let pid = host.docker(&["inspect", "--format", "{{.State.Pid}}", id]);
    let link = |kind: &str| {
        let link = fs::read_link(format!("/proc/{pid}/ns/{kind}")).expect("the process lives");
        link.to_string_lossy().into_owned()
    };
    (link("pid"), link("ipc"))
}

fn shared(modes: Value) -> Value {
    let sleeper = |name: &str| container(name, json!({ "command": ["sleep", "3600"] }));
    let mut definition = super::definition("sharing", json!([sleeper("one"), sleeper("other")]));
    crate::ecs::merge(&mut definition, modes);
    definition
}

#[test]
fn containers_of_a_task_share_what_it_says() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let task = ecs.launch(shared(json!({ "pidMode": "task", "ipcMode": "task" })));
    let containers = task["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 2, "the one that holds them is nobody's business");
    assert_eq!(namespaces(&host, &containers[0]), namespaces(&host, &containers[1]));
    // One sees the other's processes, and a third that is the first of all.
    let id = containers[0]["runtimeId"].as_str().unwrap();
    let pid = host.docker(&["inspect", "--format", "{{.State.Pid}}", id]);
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let inside = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap();
    assert_ne!(inside.split_whitespace().last(), Some("1"), "the pause container has that number");
    assert_eq!(host.running().len(), 3);

    let arn = crate::ecs::text(&task["taskArn"]);
    ecs.stop(&arn);
    let ended = ecs.wait(&arn, "STOPPED");
    assert_eq!(ended["containers"].as_array().unwrap().len(), 2);
    assert!(host.running().is_empty());
}

#[test]
fn each_container_has_its_own_unless_told_otherwise_and_the_host_has_one_for_all() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let alone = ecs.launch(shared(json!({})));
    let containers = alone["containers"].as_array().unwrap();
    let (one, other) = (namespaces(&host, &containers[0]), namespaces(&host, &containers[1]));
    assert!(one.0 != other.0 && one.1 != other.1);
    let of_host = ecs.launch(shared(json!({ "pidMode": "host", "ipcMode": "none" })));
    let one = namespaces(&host, &of_host["containers"][0]);
    let host_pid = fs::read_link("/proc/self/ns/pid").unwrap().to_string_lossy().into_owned();
    assert_eq!(one.0, host_pid);
    assert_eq!(host.inspect(&of_host)["HostConfig"]["IpcMode"], "none");
}

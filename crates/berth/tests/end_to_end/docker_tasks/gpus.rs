//! GPUs: no real one is needed to see who gets which. The engine's runtime `nvidia` is the ordinary one here.

use berth_test_server::{Value, json};

use super::{container, definition, of_name};
use crate::ecs::{Ecs, one_container, text};
use crate::host::Host;

const ENGINE: &str = r#"{ "runtimes": { "nvidia": { "path": "runc" } } }"#;

/// What its variable tells NVIDIA's runtime, and which runtime that is.
fn told(host: &Host, task: &Value, name: &str) -> (Option<String>, String) {
    let printed = host.docker(&["inspect", &text(&of_name(task, name)["runtimeId"])]);
    let inspected: Value = serde_json::from_str(&printed).expect("docker prints JSON");
    let pid = inspected[0]["State"]["Pid"].as_u64().expect("it runs");
    let variables = std::fs::read(format!("/proc/{pid}/environ")).expect("its process is there");
    let variables = String::from_utf8(variables).expect("text");
    let visible =
        variables.split('\0').find_map(|pair| pair.strip_prefix("NVIDIA_VISIBLE_DEVICES="));
    (visible.map(str::to_owned), text(&inspected[0]["HostConfig"]["Runtime"]))
}

#[test]
fn each_gpu_is_given_to_one_container_at_a_time() {
    let Some(mut host) = Host::for_test() else { return };
    host.engine.reconfigure(ENGINE).expect("the engine takes the runtime");
    let _up = host.up_with(&["--gpu", "GPU-a", "--gpu", "GPU-b"]);
    let ecs = Ecs::of(&host.home);
    ecs.wait_for_hosts(1);
    let gpu =
        |number: &str| json!({ "resourceRequirements": [{ "type": "GPU", "value": number }] });
    let shares = json!({ "environment": [{ "name": "NVIDIA_VISIBLE_DEVICES", "value": "GPU-a" }] });
    let containers = json!([
        container("first", gpu("1")),
        container("none", json!({})),
        container("second", gpu("1")),
        container("shares", shares),
    ]);
    let both = ecs.register(definition("gpus", containers));
    let task = ecs.wait(&ecs.run(&both), "RUNNING");
    for (name, gpu) in [("first", "GPU-a"), ("second", "GPU-b"), ("shares", "GPU-a")] {
        assert_eq!(told(&host, &task, name), (Some(gpu.to_owned()), "nvidia".to_owned()));
    }
    assert_eq!(told(&host, &task, "none"), (None, "runc".to_owned()));
    assert_eq!(of_name(&task, "first")["gpuIds"], json!(["GPU-a"]));
    assert_eq!(of_name(&task, "second")["gpuIds"], json!(["GPU-b"]));
    assert_eq!(of_name(&task, "none")["gpuIds"], json!(null));

    let one = ecs.register(one_container("one", gpu("1")));
    let refused = ecs.api.call("RunTask", json!({ "taskDefinition": one }));
    assert_eq!(refused["failures"][0]["reason"], "RESOURCE:GPU", "{refused}");
    let arn = text(&task["taskArn"]);
    ecs.stop(&arn);
    ecs.wait(&arn, "STOPPED");
    let two = json!({ "containerOverrides": [
        { "name": "main", "resourceRequirements": [{ "type": "GPU", "value": "2" }] },
    ] });
    let run = ecs.api.call("RunTask", json!({ "taskDefinition": one, "overrides": two }));
    let task = ecs.wait(&text(&run["tasks"][0]["taskArn"]), "RUNNING");
    assert_eq!(told(&host, &task, "main").0.as_deref(), Some("GPU-a,GPU-b"));
}

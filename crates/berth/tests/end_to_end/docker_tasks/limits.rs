//! CPU and memory as the kernel enforces them.

use std::fs;
use std::path::Path;

use berth_test_server::json;

use super::host_and_ecs;
use crate::ecs::one_container;
use crate::host::runtime_id;

const MIB: u64 = 1 << 20;

#[test]
fn containers_get_the_cpu_and_memory_they_were_defined_with() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let with =
        json!({ "command": ["sleep", "3600"], "cpu": 256, "memory": 64, "memoryReservation": 32 });
    let task = ecs.launch(one_container("limited", with));
    let config = &host.inspect(&task)["HostConfig"];
    assert_eq!(config["Memory"], 64 * MIB);
    assert_eq!(config["MemoryReservation"], 32 * MIB);
    assert_eq!(config["CpuShares"], 256);

    // What the engine was told is also what holds.
    let id = runtime_id(&task);
    let root = Path::new("/sys/fs/cgroup");
    let group = host.engine.cgroup();
    let versions = [
        root.join("memory").join(group).join(id).join("memory.limit_in_bytes"),
        root.join(group).join(id).join("memory.max"),
    ];
    let limit = versions.iter().find_map(|file| fs::read_to_string(file).ok());
    let limit = limit.unwrap_or_else(|| panic!("none of {versions:?} is there"));
    assert_eq!(limit.trim(), (64 * MIB).to_string());
    assert_eq!(task["containers"][0]["memoryReservation"], "32");
}

#[test]
fn resources_are_taken_while_a_task_runs_and_given_back() {
    let Some((_host, _up, ecs)) = host_and_ecs() else { return };
    let remaining = || {
        let listed = ecs.api.call("ListContainerInstances", json!({}));
        let input = json!({ "containerInstances": listed["containerInstanceArns"] });
        let described = ecs.api.call("DescribeContainerInstances", input);
        let resources =
            described["containerInstances"][0]["remainingResources"].as_array().cloned();
        let value = |name: &str| {
            let found = resources.iter().flatten().find(|resource| resource["name"] == name);
            found
                .and_then(|resource| resource["integerValue"].as_i64())
                .expect("it has this resource")
        };
        (value("CPU"), value("MEMORY"))
    };
    let before = remaining();
    let with = json!({ "command": ["sleep", "3600"], "cpu": 128, "memory": 32 });
    let task = ecs.launch(one_container("taking", with));
    assert_eq!(remaining(), (before.0 - 128, before.1 - 32));
    let arn = crate::ecs::text(&task["taskArn"]);
    ecs.stop(&arn);
    ecs.wait(&arn, "STOPPED");
    assert_eq!(remaining(), before);
}

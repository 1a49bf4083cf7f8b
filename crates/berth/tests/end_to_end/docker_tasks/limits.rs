//! CPU and memory as the kernel enforces them.

use std::fs;
use std::path::Path;

use berth_test_server::{Value, json, until};

use super::host_and_ecs;
use crate::ecs::{one_container, text};
use crate::host::{Host, IMAGE, runtime_id};

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

/// A group's file in version 1 or 2, relative to the engine's own group.
fn group_file(host: &Host, group: &str, versions: [(&str, &str); 2]) -> Option<String> {
    let root = Path::new("/sys/fs/cgroup");
    let below = Path::new(host.engine.cgroup()).join(group);
    let [(controller, v1), (_, v2)] = versions;
    let files = [root.join(controller).join(&below).join(v1), root.join(&below).join(v2)];
    files.iter().find_map(|file| fs::read_to_string(file).ok()).map(|text| text.trim().to_owned())
}

/// Where the engine was told to make a task's containers, below its own group.
fn group_of(host: &Host, task: &Value) -> String {
    let parent = host.inspect(task)["HostConfig"]["CgroupParent"].clone();
    let parent = parent.as_str().expect("the engine tells the parent").trim_start_matches('/');
    let below = Path::new(parent).strip_prefix(host.engine.cgroup());
    below.expect("it is below the engine's own").to_string_lossy().into_owned()
}

#[test]
fn a_tasks_own_limits_hold_its_containers_together() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let eater =
        |name: &str| json!({ "name": name, "image": IMAGE, "command": ["eat-memory", "48"] });
    let small = json!({ "name": "small", "image": IMAGE, "command": ["sleep", "3600"] });
    let definition = |family: &str, containers: Value| {
        json!({
            "family": family, "networkMode": "bridge", "cpu": "512", "memory": "64",
            "containerDefinitions": containers,
        })
    };
    let task = ecs.launch(definition("held", json!([small])));
    let group = group_of(&host, &task);
    let cpu = group_file(&host, &group, [("cpu", "cpu.cfs_quota_us"), ("", "cpu.max")]).unwrap();
    assert!(cpu == "50000" || cpu == "50000 100000", "half a processor: {cpu}");
    let memory = [("memory", "memory.limit_in_bytes"), ("", "memory.max")];
    assert_eq!(group_file(&host, &group, memory).unwrap(), (64 * MIB).to_string());
    let arn = crate::ecs::text(&task["taskArn"]);
    ecs.stop(&arn);
    ecs.wait(&arn, "STOPPED");
    until("the task's group is gone", || match group_file(&host, &group, memory) {
        None => Ok(()),
        Some(limit) => Err(format!("it is there, with {limit}")),
    });

    // Each of them alone would have enough.
    let eats = definition("eats", json!([eater("one"), eater("other")]));
    let ended = ecs.run_to_its_end(eats);
    let killed = ended["containers"].as_array().unwrap().iter();
    let killed: Vec<_> = killed.filter(|container| container["exitCode"] == 137).collect();
    assert!(!killed.is_empty(), "{ended}");
}

#[test]
fn little_cpu_soft_memory_and_overrides_follow_ecs() {
    let Some((host, _up, ecs)) = host_and_ecs() else { return };
    let mut soft = one_container("soft", json!({ "cpu": 0, "memoryReservation": 32 }));
    soft["containerDefinitions"][0].as_object_mut().expect("an object").remove("memory");
    let soft = ecs.register(soft);
    let task = ecs.wait(&ecs.run(&soft), "RUNNING");
    let config = &host.inspect(&task)["HostConfig"];
    assert_eq!(config["CpuShares"], 2, "the least weight that there is");
    assert_eq!((&config["Memory"], &config["MemoryReservation"]), (&json!(0), &json!(32 * MIB)));

    let overrides = json!({ "containerOverrides": [
        { "name": "main", "cpu": 512, "memory": 96, "memoryReservation": 48 },
    ] });
    let run = ecs.api.call("RunTask", json!({ "taskDefinition": soft, "overrides": overrides }));
    let task = ecs.wait(&text(&run["tasks"][0]["taskArn"]), "RUNNING");
    let config = &host.inspect(&task)["HostConfig"];
    assert_eq!(config["CpuShares"], 512);
    assert_eq!(
        (&config["Memory"], &config["MemoryReservation"]),
        (&json!(96 * MIB), &json!(48 * MIB))
    );
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

//! The example scheduler keeps its promise, whoever is killed: it is run as its reader would run it.

use std::collections::BTreeSet;
use std::fs::{File, read_to_string};
use std::process::{Child, Stdio};

use berth_test_server::{Home, Value, json, until};

use crate::ecs::{Ecs, text};
use crate::host::home;
use crate::stock_clients::{exported_to, has_sdk};

const SCHEDULER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scheduler/scheduler.py");

/// The scheduler's process, killed when dropped.
struct Scheduler {
    child: Child,
    log: std::path::PathBuf,
}

impl Scheduler {
    fn of(home: &Home, count: u32) -> Scheduler {
        let log = home.path().join(format!("scheduler-{count}.log"));
        let written = File::create(&log).expect("the home can be written to");
        let told = written.try_clone().expect("a file can be shared");
        let mut python = exported_to(home, "python3");
        python.args([SCHEDULER, "--task-definition", "web", "--count", &count.to_string()]);
        let child = python.stdin(Stdio::null()).stdout(written).stderr(told).spawn();
        Scheduler { child: child.expect("it is installed"), log }
    }

    fn log(&self) -> String {
        read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        // It may have ended by itself, which its log then tells.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The tasks that are RUNNING and should be, once there are so many of them and no other is to run.
fn running(ecs: &Ecs, scheduler: &Scheduler, count: usize) -> Vec<Value> {
    until("so many tasks run", || {
        let listed = ecs.api.call("ListTasks", json!({ "desiredStatus": "RUNNING" }));
        let arns = &listed["taskArns"];
        if arns.as_array().map(Vec::len) != Some(count) {
            return Err(format!("{listed} {}", scheduler.log()));
        }
        let described = ecs.api.call("DescribeTasks", json!({ "tasks": arns }));
        let tasks = described["tasks"].as_array().expect("a list").clone();
        let all = tasks.iter().all(|task| task["lastStatus"] == "RUNNING");
        if all { Ok(tasks) } else { Err(described.to_string()) }
    })
}

fn of<'a>(tasks: &'a [Value], member: &str) -> BTreeSet<&'a str> {
    tasks.iter().map(|task| task[member].as_str().expect("a text")).collect()
}

#[test]
fn it_keeps_its_tasks_running() {
    if !has_sdk() {
        return;
    }
    let (home, others) = (home(), [crate::host::home(), crate::host::home()]);
    let server = home.up("fake");
    let ecs = Ecs::of(&home);
    let join = |other: &Home| other.agent_of(&home).args(&["--runtime", "fake"]).start();
    let _agents: Vec<_> = others.iter().map(join).collect();
    ecs.wait_for_hosts(3);
    let container = json!({ "name": "web", "image": "web", "memory": 64 });
    ecs.register(json!({ "family": "web", "containerDefinitions": [container] }));

    let scheduler = Scheduler::of(&home, 3);
    let first = running(&ecs, &scheduler, 3);
    assert_eq!(of(&first, "containerInstanceArn").len(), 3, "each went where most was left");
    assert_eq!(of(&first, "startedBy"), BTreeSet::from(["most-memory-left"]));

    let stopped = text(&first[0]["taskArn"]);
    ecs.api.call("StopTask", json!({ "task": stopped }));
    let second = running(&ecs, &scheduler, 3);
    assert!(!of(&second, "taskArn").contains(stopped.as_str()), "another one runs instead");

    server.kill();
    let _server = home.up("fake");
    ecs.wait_for_hosts(3);
    let stopped = text(&second[0]["taskArn"]);
    ecs.api.call("StopTask", json!({ "task": stopped }));
    let third = running(&ecs, &scheduler, 3);
    assert!(!of(&third, "taskArn").contains(stopped.as_str()), "it follows the new server");

    drop(scheduler);
    let scheduler = Scheduler::of(&home, 2);
    let fourth = running(&ecs, &scheduler, 2);
    assert!(of(&fourth, "taskArn").is_subset(&of(&third, "taskArn")), "it knows its own again");
}

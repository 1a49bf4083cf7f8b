//! Tasks, hosts and the server are killed; the service has its tasks again, and tells of it.

use std::collections::BTreeMap;

use berth_test_server::{Value, json};

use super::service::Service;
use crate::ecs::{Ecs, text};
use crate::host::{docker, runtime_id};
use crate::hosts::world::{World, lasting};

/// Long enough for an agent that hardly gets a turn, and for one whose line is whole again.
const PATIENCE: [&str; 4] = ["--agent-silence", "3s", "--lost-after", "5s"];

/// How many of the tasks each instance has.
fn spread(tasks: &[Value]) -> BTreeMap<String, usize> {
    let mut spread = BTreeMap::new();
    for task in tasks {
        *spread.entry(text(&task["containerInstanceArn"])).or_default() += 1;
    }
    spread
}

fn numbers(tasks: &[Value]) -> Vec<usize> {
    let mut numbers: Vec<usize> = spread(tasks).into_values().collect();
    numbers.sort_unstable();
    numbers
}

fn on<'a>(tasks: &'a [Value], instance: &str) -> Vec<&'a Value> {
    tasks.iter().filter(|task| task["containerInstanceArn"] == instance).collect()
}

fn arn(task: &Value) -> String {
    text(&task["taskArn"])
}

#[test]
fn six_tasks_on_three_hosts_come_back_whatever_is_killed() {
    let Some(mut world) = World::start(["one", "two", "three"], &PATIENCE) else { return };
    let ecs = Ecs { api: world.ecs.api.clone() };
    let definition = ecs.register(lasting());
    let wanted = json!({ "taskDefinition": definition, "desiredCount": 6 });
    let service = Service::create(&ecs, "web", wanted);
    let tasks = service.wait_running(6);
    assert!(tasks.iter().all(|task| task["group"] == "service:web"), "{tasks:?}");
    assert_eq!(numbers(&tasks), [2, 2, 2]);

    // Containers.
    let victims = on(&tasks, &world.hosts[0].instance);
    for task in &victims {
        docker(&world.hosts[0].host.engine, &["kill", runtime_id(task)]);
    }
    for task in &victims {
        let ended = ecs.wait(&arn(task), "STOPPED");
        assert_eq!(ended["stopCode"], "EssentialContainerExited", "{ended}");
    }
    let tasks = service.wait_running(6);
    assert_eq!(numbers(&tasks), [2, 2, 2]);

    // The server, and a container while it is away.
    let victim = on(&tasks, &world.hosts[1].instance)[0];
    world.kill_server();
    docker(&world.hosts[1].host.engine, &["kill", runtime_id(victim)]);
    world.start_server();
    ecs.wait(&arn(victim), "STOPPED");
    let after = service.wait_running(6);
    let after_arns: Vec<String> = after.iter().map(arn).collect();
    let kept = tasks.iter().filter(|task| after_arns.contains(&arn(task))).count();
    assert_eq!(kept, 5, "nothing else was touched");

    // A host, for good.
    let gone = world.hosts.pop().expect("there are three");
    let lost = on(&after, &gone.instance);
    gone.destroy();
    for task in &lost {
        let ended = ecs.wait(&arn(task), "STOPPED");
        assert_eq!(ended["stopCode"], "TerminationNotice", "{ended}");
    }
    let tasks = service.wait_running(6);
    assert_eq!(numbers(&tasks), [3, 3]);

    let messages = service.messages();
    let started = messages.iter().filter(|message| message.contains("has started"));
    let started: usize = started.map(|message| message.matches("(task ").count()).sum();
    assert_eq!(started, 6 + 2 + 1 + 2, "each start is told: {messages:#?}");
    assert!(messages[0].starts_with("(service web) has started 6 tasks: "), "{messages:#?}");
}

#[test]
fn a_daemon_follows_the_hosts() {
    let Some(mut world) = World::prepare(["one", "two", "late"], &[]) else { return };
    let ecs = Ecs { api: world.ecs.api.clone() };
    world.join(0);
    world.join(1);
    let definition = ecs.register(lasting());
    let wanted = json!({ "taskDefinition": definition, "schedulingStrategy": "DAEMON" });
    let daemon = Service::create(&ecs, "watcher", wanted);
    assert_eq!(numbers(&daemon.wait_running(2)), [1, 1]);

    world.join(2);
    assert_eq!(numbers(&daemon.wait_running(3)), [1, 1, 1]);
    assert_eq!(daemon.described()["desiredCount"], 3);

    let drained = &world.hosts[0].instance;
    let input = json!({ "containerInstances": [drained], "status": "DRAINING" });
    ecs.api.call("UpdateContainerInstancesState", input);
    let left = daemon.wait_running(2);
    assert!(on(&left, drained).is_empty(), "{left:?}");
}

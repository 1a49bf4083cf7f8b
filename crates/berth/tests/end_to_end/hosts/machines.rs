//! What breaks on one host: its engine, its agent, its disk. And an operator who empties it.

use std::process::Command;

use berth_test_server::{Value, json, until};

use super::world::{Member, World, lasting};
use crate::ecs::{one_container, text};
use crate::host::{docker, runtime_id};

/// The process that a container runs, as this machine numbers it.
fn process(member: &Member, task: &Value) -> String {
    docker(&member.host.engine, &["inspect", "--format", "{{.State.Pid}}", runtime_id(task)])
}

#[test]
fn an_engine_dies_and_hangs_and_an_agent_is_killed_under_tasks() {
    let Some(mut world) = World::start(["host"], &[]) else { return };
    let run = |world: &World, count: usize| -> Vec<Value> {
        let tasks: Vec<String> =
            (0..count).map(|_| world.start_on(&world.hosts[0], lasting())).collect();
        tasks.iter().map(|task| world.ecs.wait(task, "RUNNING")).collect()
    };
    let arn = |task: &Value| text(&task["taskArn"]);
    let tasks = run(&world, 3);

    // Dead: what runs runs on, what ends is told afterwards, and what is asked for waits.
    let doomed = process(&world.hosts[0], &tasks[0]);
    world.hosts[0].host.engine.kill().expect("the engine can be killed");
    let killed = Command::new("kill").args(["-9", &doomed]).status().expect("kill runs");
    assert!(killed.success());
    let waiting = world.start_on(&world.hosts[0], lasting());
    world.ecs.stop(&arn(&tasks[1]));
    assert_eq!(world.instance(&world.hosts[0].instance)["agentConnected"], true);
    world.hosts[0].host.engine.restart().expect("the engine can be started again");
    let waited = world.ecs.wait(&waiting, "RUNNING");
    let ended = world.ecs.wait(&arn(&tasks[0]), "STOPPED");
    assert_eq!(ended["stopCode"], "EssentialContainerExited", "{ended}");
    assert_eq!(world.ecs.wait(&arn(&tasks[1]), "STOPPED")["stopCode"], "UserInitiated");
    let kept = world.ecs.task(&arn(&tasks[2]));
    assert_eq!(kept["containers"], tasks[2]["containers"], "it was never touched");

    // Hanging, and the agent killed meanwhile: everything is done once the engine goes on.
    world.hosts[0].host.engine.hang().expect("the engine can be stopped");
    let waiting = world.start_on(&world.hosts[0], lasting());
    world.ecs.stop(&arn(&waited));
    world.restart_agent(0);
    world.hosts[0].host.engine.resume().expect("the engine can go on");
    let second = world.ecs.wait(&waiting, "RUNNING");
    world.ecs.wait(&arn(&waited), "STOPPED");
    assert_eq!(world.ecs.task(&arn(&tasks[2]))["containers"], tasks[2]["containers"]);
    let mut expected = [runtime_id(&tasks[2]), runtime_id(&second)];
    let mut running = world.hosts[0].running();
    expected.sort_unstable();
    running.sort_unstable();
    assert_eq!(running, expected, "nothing is left over");
    let instances = world.ecs.api.call("ListContainerInstances", json!({}));
    assert_eq!(instances["containerInstanceArns"], json!([world.hosts[0].instance]));
}

#[test]
fn a_disk_is_full_and_a_host_is_drained() {
    let Some(mut world) = World::start(["full", "spare"], &[]) else { return };
    let kept = world.start_on(&world.hosts[0], lasting());
    let before = world.ecs.wait(&kept, "RUNNING");

    world.hosts[0].host.fill_disk().expect("the disk can be filled");
    let failed = world.ecs.wait(&world.start_on(&world.hosts[0], lasting()), "STOPPED");
    assert_eq!(failed["stopCode"], "TaskFailedToStart");
    let reason = text(&failed["stoppedReason"]);
    assert!(
        reason.starts_with("CannotCreateContainerError: ") && reason.contains("no space left"),
        "{reason}"
    );
    world.restart_agent(0);
    world.wait_connected(&world.hosts[0].instance, true);
    assert_eq!(world.ecs.task(&kept)["containers"], before["containers"]);
    assert_eq!(world.hosts[0].running(), [runtime_id(&before)]);
    world.hosts[0].host.free_disk().expect("there is room again");
    let after = world.start_on(&world.hosts[0], lasting());
    world.ecs.wait(&after, "RUNNING");
    world.ecs.stop(&after);
    world.ecs.wait(&after, "STOPPED");

    let drained = world.hosts[0].instance.clone();
    let set = |status: &str| {
        let input = json!({ "containerInstances": [drained], "status": status });
        world.ecs.api.call("UpdateContainerInstancesState", input);
    };
    set("DRAINING");
    let definition =
        world.ecs.register(one_container("short", json!({ "command": ["exit", "0"] })));
    for _ in 0..3 {
        let task = world.ecs.task(&world.ecs.run(&definition));
        assert_eq!(task["containerInstanceArn"], world.hosts[1].instance);
    }
    assert_eq!(
        world.ecs.task(&kept)["lastStatus"],
        "RUNNING",
        "ECS stops no task that stands alone"
    );
    world.ecs.stop(&kept);
    world.ecs.wait(&kept, "STOPPED");
    set("ACTIVE");
    let input = json!({
        "taskDefinition": definition,
        "placementConstraints": [{ "type": "memberOf", "expression": "attribute:test.host == full" }],
    });
    assert_eq!(world.ecs.api.call("RunTask", input)["failures"], json!([]));
    until("nothing is left of it all", || {
        let left: Vec<String> = world.hosts.iter().flat_map(Member::running).collect();
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    });
}

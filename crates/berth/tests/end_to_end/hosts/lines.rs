//! Lines that are cut for a while or for long, and a host that is gone for good.

use berth_test_server::{Value, json, until};

use super::world::{World, lasting};
use crate::ecs::text;
use crate::host::{docker, runtime_id};

/// Long enough for an agent that hardly gets a turn, and for one whose line is whole again.
const PATIENCE: [&str; 4] = ["--agent-silence", "3s", "--lost-after", "12s"];

#[test]
fn hosts_are_cut_off_for_a_while_for_long_and_for_good() {
    let Some(mut world) = World::start(["for-long", "for-a-while", "for-good"], &PATIENCE) else {
        return;
    };
    let tasks: Vec<String> =
        world.hosts.iter().map(|host| world.start_on(host, lasting())).collect();
    let ending = world.start_on(&world.hosts[1], lasting());
    let running: Vec<Value> = tasks.iter().map(|task| world.ecs.wait(task, "RUNNING")).collect();
    let ending = world.ecs.wait(&ending, "RUNNING");

    let instances: Vec<String> = world.hosts.iter().map(|host| host.instance.clone()).collect();
    let destroyed = world.hosts.pop().expect("there are three");
    world.hosts.iter().for_each(|host| host.host.cut().expect("the line can be cut"));
    destroyed.destroy();
    instances.iter().for_each(|instance| world.wait_connected(instance, false));

    // Nobody knows more than that they are silent, and nothing new is given to them.
    for task in &tasks {
        assert_eq!(world.ecs.task(task)["lastStatus"], "RUNNING");
        assert_eq!(world.ecs.task(task)["desiredStatus"], "RUNNING");
    }
    assert_eq!(world.hosts[0].running(), [runtime_id(&running[0])]);
    assert_eq!(world.hosts[1].running().len(), 2);
    let definition = world.ecs.register(lasting());
    let unplaced = world.ecs.api.call("RunTask", json!({ "taskDefinition": definition }));
    let reasons: Vec<&Value> = unplaced["failures"]
        .as_array()
        .expect("nothing is placed")
        .iter()
        .map(|failure| &failure["reason"])
        .collect();
    assert_eq!(reasons, ["AGENT"; 3], "{unplaced}");
    docker(&world.hosts[1].host.engine, &["kill", runtime_id(&ending)]);

    world.hosts[1].host.heal().expect("the line can be mended");
    world.wait_connected(&instances[1], true);
    let ended = world.ecs.wait(&text(&ending["taskArn"]), "STOPPED");
    assert_eq!(ended["containers"][0]["exitCode"], 137);
    assert_eq!(ended["stopCode"], "EssentialContainerExited");
    let new = world.ecs.wait(&world.ecs.run_once_possible(&definition), "RUNNING");
    assert_eq!(new["containerInstanceArn"], instances[1], "the only one that can take it");

    for (task, instance) in [(&tasks[0], &instances[0]), (&tasks[2], &instances[2])] {
        let lost = world.ecs.wait(task, "STOPPED");
        assert_eq!(lost["stopCode"], "TerminationNotice");
        let id = instance.rsplit('/').next().expect("an ARN ends in an id");
        let reason = text(&lost["stoppedReason"]);
        assert!(reason.starts_with("Host lost") && reason.contains(id), "{reason}");
        let instance = world.instance(instance);
        assert_eq!(instance["status"], "ACTIVE");
        assert_eq!(
            (&instance["runningTasksCount"], &instance["pendingTasksCount"]),
            (&json!(0), &json!(0))
        );
    }
    let kept = world.ecs.task(&tasks[1]);
    for member in ["lastStatus", "startedAt", "containers", "containerInstanceArn"] {
        assert_eq!(kept[member], running[1][member], "{member}: it was never touched");
    }
    let clusters = world.ecs.api.call("DescribeClusters", json!({}));
    let cluster = &clusters["clusters"][0];
    assert_eq!(cluster["registeredContainerInstancesCount"], 3);
    assert_eq!(cluster["runningTasksCount"], 2, "the one that was kept, and the new one");
    assert_eq!(cluster["pendingTasksCount"], 0);

    // What is gone can be let go of; what comes back must stop what was ended without it.
    let gone = json!({ "containerInstance": instances[2] });
    world.ecs.api.call("DeregisterContainerInstance", gone);
    world.hosts[0].host.heal().expect("the line can be mended");
    world.wait_connected(&instances[0], true);
    until("the containers of tasks that were ended are stopped", || {
        let running = world.hosts[0].running();
        if running.is_empty() { Ok(()) } else { Err(format!("{running:?}")) }
    });
    let task = world.start_on(&world.hosts[0], lasting());
    world.ecs.wait(&task, "RUNNING");
}

//! Agents that fall silent: disconnected at first, and lost after a while, with their tasks.

use std::time::Duration;

use berth_ecs::Patience;
use serde_json::{Value, json};

use super::agent::Agent;
use super::world::World;

const MINUTE: Duration = Duration::from_secs(60);

async fn report(world: &World, task: &str, status: &str) {
    world
        .ask("SubmitTaskStateChange", json!({"cluster": "web", "task": task, "status": status}))
        .await;
}

/// A task that runs on a host whose agent then says nothing any more.
async fn silenced(world: &World) -> (Agent, String) {
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    agent.take_payload().await;
    report(world, &task, "RUNNING").await;
    (agent, task)
}

async fn after(world: &World, time: Duration) {
    tokio::time::sleep(time).await;
    world.reconcilers.settled().await;
}

async fn counts(world: &World) -> (Value, Value) {
    let described = world.ask("DescribeClusters", json!({"clusters": ["web"]})).await;
    let cluster = &described["clusters"][0];
    (cluster["runningTasksCount"].clone(), cluster["registeredContainerInstancesCount"].clone())
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_answers_no_heartbeat_is_disconnected() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let instance = agent.instance.clone();
    agent.quiet_for(30 * MINUTE).await;
    assert_eq!(world.instance(&instance).await["agentConnected"], true, "it answered every one");
    agent.until_dropped().await;
    assert_eq!(world.instance(&instance).await["agentConnected"], false);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_lost_host_are_ended_and_stopped_when_it_comes_back() {
    let world = World::new().await;
    let (agent, task) = silenced(&world).await;
    let instance = agent.instance.clone();
    agent.until_dropped().await;
    after(&world, 9 * MINUTE).await;
    assert_eq!(world.task(&task).await["lastStatus"], "RUNNING", "it may come back");
    assert_eq!(counts(&world).await, (json!(1), json!(1)));

    after(&world, 2 * MINUTE).await;
    let lost = world.task(&task).await;
    assert_eq!(lost["lastStatus"], "STOPPED");
    assert_eq!(lost["desiredStatus"], "STOPPED");
    assert_eq!(lost["stopCode"], "TerminationNotice");
    let id = instance.rsplit('/').next().expect("an ARN ends in an id");
    let reason = lost["stoppedReason"].as_str().expect("there is a reason");
    assert_eq!(
        reason,
        format!(
            "Host lost (host, container instance {id}): nothing has been heard of its agent since 2026-01-02T03:05:20Z."
        )
    );
    let container = &lost["containers"][0];
    assert_eq!(container["lastStatus"], "STOPPED");
    assert_eq!(container["exitCode"], Value::Null, "nobody knows how it ended, or whether it has");
    let left = world.instance(&instance).await;
    assert_eq!((&left["status"], &left["agentConnected"]), (&json!("ACTIVE"), &json!(false)));
    assert_eq!(left["runningTasksCount"], 0);
    assert_eq!(counts(&world).await, (json!(0), json!(1)));

    let mut back = world.connect("host", &instance).await;
    let manifest = back.next("TaskManifestMessage").await;
    assert_eq!(manifest["tasks"], json!([]));
    let candidates = json!([{"taskArn": task, "desiredStatus": "STOPPED"}]);
    let verification = json!({"messageId": manifest["messageId"], "stopCandidates": candidates});
    back.say("TaskStopVerificationMessage", verification).await;
    let verified = back.next("TaskStopVerificationAck").await;
    assert_eq!(verified["stopTasks"][0]["taskArn"], task.as_str());
    report(&world, &task, "STOPPED").await;
    assert_eq!(world.task(&task).await["stoppedReason"], reason, "the first reason stays");
    assert_eq!(world.instance(&instance).await["agentConnected"], true);
    world.run_task().await;
    back.take_payload().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_was_away_gives_hosts_the_whole_time() {
    let world = World::new().await;
    let (agent, task) = silenced(&world).await;
    let instance = agent.instance.clone();
    agent.until_dropped().await;
    after(&world, 9 * MINUTE).await;
    let world = world.restarted().await;
    after(&world, 9 * MINUTE).await;
    assert_eq!(world.task(&task).await["lastStatus"], "RUNNING");
    let mut back = world.connect("host", &instance).await;
    back.next("TaskManifestMessage").await;
    back.quiet_for(20 * MINUTE).await;
    assert_eq!(world.task(&task).await["lastStatus"], "RUNNING");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_silence_ends_nothing() {
    let patience = Patience { lost_after: None, ..Patience::default() };
    let world = World::with_patience(patience).await;
    let (agent, task) = silenced(&world).await;
    agent.until_dropped().await;
    after(&world, 24 * 60 * MINUTE).await;
    assert_eq!(world.task(&task).await["lastStatus"], "RUNNING");
}

#[tokio::test(start_paused = true)]
async fn a_draining_host_is_lost_as_well() {
    let world = World::new().await;
    let (agent, task) = silenced(&world).await;
    let input =
        json!({"cluster": "web", "containerInstances": [agent.instance], "status": "DRAINING"});
    world.ask("UpdateContainerInstancesState", input).await;
    agent.until_dropped().await;
    after(&world, 11 * MINUTE).await;
    assert_eq!(world.task(&task).await["stopCode"], "TerminationNotice");
}

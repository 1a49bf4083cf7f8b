//! Assignments: told once, told again while unacknowledged, stopped before started, verified on request.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::world::{World, text};

const SECOND: Duration = Duration::from_secs(1);

fn arns(payload: &Value) -> Vec<(String, String)> {
    let tasks = payload["tasks"].as_array().expect("a payload has tasks");
    tasks.iter().map(|task| (text(task, "/arn"), text(task, "/desiredStatus"))).collect()
}

async fn report(world: &World, task: &str, status: &str) {
    let input = json!({"cluster": "web", "task": task, "status": status});
    let answer = world.ask("SubmitTaskStateChange", input).await;
    assert!(answer["acknowledgment"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_task_is_told_when_it_is_run_and_once_if_acknowledged() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    let payload = agent.take_payload().await;
    assert_eq!(arns(&payload), [(task.clone(), "RUNNING".to_owned())]);
    assert_eq!(payload["clusterArn"], "arn:aws:ecs:us-east-1:123456789012:cluster/web");
    assert_eq!(payload["containerInstanceArn"], agent.instance.as_str());
    assert!(payload["seqNum"].is_i64() && payload["generatedAt"].is_i64());
    agent.quiet_for(60 * SECOND).await;
    report(&world, &task, "RUNNING").await;
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_is_told_when_its_agent_connects() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let task = world.run_task().await;
    let mut agent = world.connect("host", &instance).await;
    let payload = agent.take_payload().await;
    assert_eq!(arns(&payload), [(task.clone(), "RUNNING".to_owned())]);
    let manifest = agent.next("TaskManifestMessage").await;
    let listed = json!([{
        "taskArn": task,
        "taskClusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/web",
        "desiredStatus": "RUNNING",
    }]);
    assert_eq!(manifest["tasks"], listed);
    assert_eq!(manifest["clusterArn"], payload["clusterArn"]);
    assert_eq!(manifest["containerInstanceArn"], agent.instance.as_str());
    assert!(
        manifest["timeline"].as_i64() > payload["seqNum"].as_i64(),
        "an agent drops a manifest that is not younger than the payload before it"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_acknowledged_is_told_every_ten_seconds_with_higher_numbers() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    let mut payload = agent.next("PayloadMessage").await;
    for _ in 0..3 {
        let told_at = Instant::now();
        let again = agent.next("PayloadMessage").await;
        assert_eq!(told_at.elapsed(), 10 * SECOND);
        assert_eq!(arns(&again), [(task.clone(), "RUNNING".to_owned())]);
        assert_ne!(again["messageId"], payload["messageId"]);
        assert!(again["seqNum"].as_i64() > payload["seqNum"].as_i64());
        payload = again;
    }
    agent.acknowledge(&payload).await;
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn each_payload_has_its_own_patience() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let first = world.run_task().await;
    agent.next("PayloadMessage").await;
    tokio::time::sleep(6 * SECOND).await;
    let second = world.run_task().await;
    let told = agent.next("PayloadMessage").await;
    assert_eq!(arns(&told), [(second.clone(), "RUNNING".to_owned())]);
    let since = Instant::now();
    let again = agent.next("PayloadMessage").await;
    assert_eq!((since.elapsed(), arns(&again)), (4 * SECOND, vec![(first, "RUNNING".to_owned())]));
    let again = agent.next("PayloadMessage").await;
    assert_eq!(
        (since.elapsed(), arns(&again)),
        (10 * SECOND, vec![(second, "RUNNING".to_owned())])
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_payload_is_told_again_in_due_time_not_at_once() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    world.run_task().await;
    let payload = agent.next("PayloadMessage").await;
    let refusal = json!({"messageId": payload["messageId"], "reason": "no"});
    agent.say("NackRequest", refusal).await;
    agent.quiet_for(9 * SECOND).await;
    agent.take_payload().await;
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn late_and_repeated_acknowledgements_change_nothing() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    let first = agent.next("PayloadMessage").await;
    let second = agent.next("PayloadMessage").await;
    agent.acknowledge(&first).await;
    let third = agent.next("PayloadMessage").await;
    assert_eq!(arns(&third), [(task, "RUNNING".to_owned())], "the second is still unacknowledged");
    agent.acknowledge(&second).await;
    agent.acknowledge(&third).await;
    agent.acknowledge(&third).await;
    agent.acknowledge(&json!({"clusterArn": "web", "messageId": "never-sent"})).await;
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_already_runs_is_not_told_again_although_nobody_acknowledged_it() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    agent.next("PayloadMessage").await;
    report(&world, &task, "RUNNING").await;
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_told_in_few_words_and_until_it_has_happened() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let task = world.run_task().await;
    agent.take_payload().await;
    report(&world, &task, "RUNNING").await;
    world.ask("StopTask", json!({"cluster": "web", "task": task})).await;
    let payload = agent.take_payload().await;
    let told = json!([{
        "arn": task,
        "taskClusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/web",
        "desiredStatus": "STOPPED",
        "family": "sleep",
        "version": "1",
        "containers": [],
    }]);
    assert_eq!(payload["tasks"], told);

    let instance = agent.instance.clone();
    agent.hang_up().await;
    let mut agent = world.connect("host", &instance).await;
    assert_eq!(arns(&agent.take_payload().await), [(task.clone(), "STOPPED".to_owned())]);
    assert_eq!(agent.next("TaskManifestMessage").await["tasks"][0]["desiredStatus"], "STOPPED");
    report(&world, &task, "STOPPED").await;
    agent.hang_up().await;
    let mut agent = world.connect("host", &instance).await;
    assert_eq!(agent.next("TaskManifestMessage").await.get("tasks"), Some(&json!([])));
}

#[tokio::test(start_paused = true)]
async fn a_task_stopped_before_its_agent_heard_of_it_is_only_told_to_stop() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let task = world.run_task().await;
    let stopped = world
        .ask("StopTask", json!({"cluster": "web", "task": task, "reason": "never mind"}))
        .await;
    assert_eq!(
        (&stopped["task"]["lastStatus"], &stopped["task"]["desiredStatus"]),
        (&json!("PENDING"), &json!("STOPPED"))
    );
    let mut agent = world.connect("host", &instance).await;
    assert_eq!(arns(&agent.take_payload().await), [(task.clone(), "STOPPED".to_owned())]);
    report(&world, &task, "STOPPED").await;
    let task = world.task(&task).await;
    assert_eq!(task["lastStatus"], "STOPPED");
    assert_eq!(task["stoppedReason"], "never mind");
    assert_eq!(task["containers"][0]["lastStatus"], "STOPPED");
}

#[tokio::test(start_paused = true)]
async fn stops_come_before_starts() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let mut tasks = Vec::new();
    for _ in 0..6 {
        tasks.push(world.run_task().await);
    }
    for task in &tasks[3..] {
        world.ask("StopTask", json!({"cluster": "web", "task": task})).await;
    }
    let mut agent = world.connect("host", &instance).await;
    let words: Vec<String> =
        arns(&agent.take_payload().await).into_iter().map(|(_, desired)| desired).collect();
    assert_eq!(words, ["STOPPED", "STOPPED", "STOPPED", "RUNNING", "RUNNING", "RUNNING"]);
}

#[tokio::test(start_paused = true)]
async fn many_tasks_come_in_several_payloads_and_one_manifest() {
    let world = World::new().await;
    let instance = world.register("host").await;
    world.register_task_definition().await;
    for _ in 0..25 {
        let input = json!({"cluster": "web", "taskDefinition": "sleep", "count": 10});
        assert_eq!(world.ask("RunTask", input).await["failures"], json!([]));
    }
    let mut agent = world.connect("host", &instance).await;
    let mut told = Vec::new();
    let mut numbers = Vec::new();
    for expected in [100, 100, 50] {
        let payload = agent.take_payload().await;
        assert_eq!(arns(&payload).len(), expected);
        told.extend(arns(&payload));
        numbers.push(payload["seqNum"].as_i64());
    }
    assert!(numbers.is_sorted_by(|left, right| left < right));
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 250);
    assert_eq!(
        agent.next("TaskManifestMessage").await["tasks"].as_array().map(Vec::len),
        Some(250)
    );
    agent.quiet_for(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn large_tasks_come_in_payloads_that_a_web_socket_takes() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let variable = json!({"name": "LARGE", "value": "x".repeat(60_000)});
    let container = json!({"name": "c", "image": "i", "memory": 8, "environment": [variable]});
    let definition = json!({"family": "large", "containerDefinitions": [container]});
    world.ask("RegisterTaskDefinition", definition).await;
    for _ in 0..3 {
        let input = json!({"cluster": "web", "taskDefinition": "large", "count": 10});
        assert_eq!(world.ask("RunTask", input).await["failures"], json!([]));
    }
    let mut agent = world.connect("host", &instance).await;
    for expected in [15, 15] {
        let payload = agent.take_payload().await;
        assert_eq!(arns(&payload).len(), expected, "30 of them have 1.8 MB");
    }
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_comes_every_twenty_five_seconds() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let since = Instant::now();
    for count in 1..=4 {
        let heartbeat = agent.next("HeartbeatMessage").await;
        assert_eq!(since.elapsed(), count * 25 * SECOND);
        assert_eq!(heartbeat["healthy"], true);
        let id = text(&heartbeat, "/messageId");
        agent.say("HeartbeatAckRequest", json!({"messageId": id})).await;
    }
}

#[tokio::test(start_paused = true)]
async fn only_tasks_without_business_here_are_confirmed_to_be_stopped() {
    let world = World::new().await;
    let mut agent = world.agent("host").await;
    let runs = world.run_task().await;
    let stopping = world.run_task().await;
    let ended = world.run_task().await;
    for task in [&runs, &stopping, &ended] {
        agent.take_payload().await;
        report(&world, task, "RUNNING").await;
    }
    world.ask("StopTask", json!({"cluster": "web", "task": stopping})).await;
    report(&world, &ended, "STOPPED").await;
    agent.take_payload().await;
    // Another host's task is not this agent's to run.
    world.register("elsewhere").await;
    let state =
        json!({"cluster": "web", "containerInstances": [agent.instance], "status": "DRAINING"});
    world.ask("UpdateContainerInstancesState", state).await;
    let elsewhere = world.run_task().await;
    let unknown = runs.replace(&runs[runs.len() - 32..], "00000000000000000000000000000000");

    let candidate =
        |arn: &str| json!({"taskArn": arn, "taskClusterArn": "c", "desiredStatus": "STOPPED"});
    let candidates = [&runs, &stopping, &ended, &elsewhere, &unknown].map(|arn| candidate(arn));
    let message = json!({"messageId": "manifest-1", "stopCandidates": candidates});
    agent.say("TaskStopVerificationMessage", message).await;
    let answer = agent.next("TaskStopVerificationAck").await;
    assert_eq!(answer["messageId"], "manifest-1", "the agent looks for its manifest's id");
    let confirmed = [&stopping, &ended, &elsewhere, &unknown].map(|arn| candidate(arn));
    assert_eq!(answer["stopTasks"], json!(confirmed));
}

#[tokio::test(start_paused = true)]
async fn a_newer_session_takes_over() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let mut older = world.connect("host", &instance).await;
    older.next("TaskManifestMessage").await;
    let mut newer = world.connect("host", &instance).await;
    newer.next("TaskManifestMessage").await;
    older.until_dropped().await;
    assert_eq!(
        world.instance(&instance).await["agentConnected"],
        true,
        "the older one's end is not the agent's"
    );
    world.run_task().await;
    newer.take_payload().await;
    newer.hang_up().await;
    assert_eq!(world.instance(&instance).await["agentConnected"], false);
}

#[tokio::test(start_paused = true)]
async fn numbers_rise_over_connections_and_restarts() {
    let mut world = World::new().await;
    let instance = world.register("host").await;
    world.run_task().await;
    let mut last = -1;
    for round in 0..4 {
        let mut agent = world.connect("host", &instance).await;
        let payload = agent.next("PayloadMessage").await["seqNum"].as_i64().expect("a number");
        let manifest =
            agent.next("TaskManifestMessage").await["timeline"].as_i64().expect("a number");
        assert!(last < payload && payload < manifest, "{last} < {payload} < {manifest}");
        last = manifest;
        agent.hang_up().await;
        if round % 2 == 1 {
            world = world.restarted().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_stays_away_after_a_restart_is_shown_as_gone() {
    let world = World::new().await;
    let agent = world.agent("host").await;
    let instance = agent.instance.clone();
    let world = world.restarted().await;
    assert_eq!(
        world.instance(&instance).await["agentConnected"],
        true,
        "it has a while to come back"
    );
    tokio::time::sleep(180 * SECOND).await;
    world.reconcilers.settled().await;
    assert_eq!(world.instance(&instance).await["agentConnected"], false);
    let failure = world.ask("RunTask", {
        world.register_task_definition().await;
        json!({"cluster": "web", "taskDefinition": "sleep"})
    });
    assert_eq!(failure.await["failures"][0]["reason"], "AGENT");
    drop(agent);
}

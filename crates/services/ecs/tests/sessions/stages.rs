//! Tasks that others hold, and what is given to tasks beside their containers.

use std::convert::Infallible;
use std::time::Duration;

use berth_ecs::tables::{Attachment, HeldStage, Hold, ManagedAgent, Task};
use berth_model::{AttachmentId, TaskArn, TaskId, TaskStatus};
use serde_json::{Value, json};

use super::world::{World, text};

const MINUTE: Duration = Duration::from_secs(60);
const STAGES: [HeldStage; 4] = [
    HeldStage::Provisioning,
    HeldStage::Activating,
    HeldStage::Deactivating,
    HeldStage::Deprovisioning,
];

/// A task as awsvpc would make it: held in every stage, with an interface of its own.
async fn held_task(world: &World) -> (String, TaskId) {
    let arn = world.run_task().await;
    let id = arn.parse::<TaskArn>().expect("it is one").id;
    let make = move |tx: &mut berth_control::cell::Transaction| {
        let mut task = tx.get::<Task>(&id).expect("it was started").clone();
        task.last_status = TaskStatus::Provisioning;
        task.holds = STAGES.map(|stage| Hold { stage, by: "network".to_owned() }).to_vec().into();
        task.attachments = vec![Attachment {
            id: AttachmentId::from_bytes([7; 16]),
            kind: "ElasticNetworkInterface".to_owned(),
            status: "PRECREATED".to_owned(),
            details: vec![("subnetId".to_owned(), "subnet-1".to_owned())],
        }]
        .into();
        task.containers[0].managed_agents = vec![ManagedAgent {
            name: "ExecuteCommandAgent".to_owned(),
            status: "PENDING".to_owned(),
            reason: None,
            last_started_at: None,
        }]
        .into();
        tx.put(task);
        Ok::<_, Infallible>(())
    };
    world.ecs.cell.write(make).await.expect("the cell is open");
    (arn, id)
}

async fn status(world: &World, arn: &str) -> String {
    text(&world.task(arn).await, "/lastStatus")
}

#[tokio::test(start_paused = true)]
async fn a_held_task_is_told_when_it_is_let_go_and_stopped_when_others_have_taken_leave() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let (arn, id) = held_task(&world).await;
    let release = |stage| world.ecs.release(id, stage, "network");
    let mut agent = world.connect("host", &instance).await;
    let manifest = agent.next("TaskManifestMessage").await;
    assert_eq!(manifest["tasks"], json!([]), "its agent knows nothing of it yet");
    agent.quiet_for(MINUTE).await;
    assert_eq!(status(&world, &arn).await, "PROVISIONING");

    release(HeldStage::Provisioning).await.expect("the cell is open");
    assert_eq!(agent.take_payload().await["tasks"][0]["desiredStatus"], "RUNNING");
    let report = |status: &str| json!({"cluster": "web", "task": arn, "status": status});
    world.ask("SubmitTaskStateChange", report("RUNNING")).await;
    assert_eq!(status(&world, &arn).await, "ACTIVATING");
    release(HeldStage::Activating).await.expect("the cell is open");
    assert_eq!(status(&world, &arn).await, "RUNNING");

    let answer = world.ask("StopTask", json!({"cluster": "web", "task": arn})).await;
    assert_eq!(answer["task"]["lastStatus"], "RUNNING", "as it was");
    assert_eq!(status(&world, &arn).await, "DEACTIVATING");
    agent.quiet_for(MINUTE).await;
    release(HeldStage::Deactivating).await.expect("the cell is open");
    assert_eq!(status(&world, &arn).await, "STOPPING");
    assert_eq!(agent.take_payload().await["tasks"][0]["desiredStatus"], "STOPPED");

    world.ask("SubmitTaskStateChange", report("STOPPED")).await;
    let task = world.task(&arn).await;
    assert_eq!((&task["lastStatus"], &task["stoppedAt"]), (&json!("DEPROVISIONING"), &Value::Null));
    release(HeldStage::Deprovisioning).await.expect("the cell is open");
    let task = world.task(&arn).await;
    assert_eq!(task["lastStatus"], "STOPPED");
    assert!(task["stoppedAt"].is_number());
    agent.quiet_for(MINUTE).await;
}

#[tokio::test(start_paused = true)]
async fn attachments_and_managed_agents_are_as_their_agent_tells() {
    let world = World::new().await;
    world.register("host").await;
    let (arn, _) = held_task(&world).await;
    let interface =
        "arn:aws:ecs:us-east-1:123456789012:attachment/07070707-0707-0707-0707-070707070707";
    let attached = json!([{"attachmentArn": interface, "status": "ATTACHED"}]);
    let report = json!({"cluster": "web", "task": arn, "attachments": attached});
    let (status, answer) = world.ask_as("host", "SubmitTaskStateChange", report).await;
    assert_eq!(status, 200, "{answer}");
    let managed = json!({"cluster": "web", "task": arn, "managedAgents": [
        {"containerName": "main", "managedAgentName": "ExecuteCommandAgent", "status": "RUNNING"},
    ]});
    let (status, answer) = world.ask_as("host", "SubmitTaskStateChange", managed).await;
    assert_eq!(status, 200, "{answer}");
    let task = world.task(&arn).await;
    assert_eq!(
        task["attachments"],
        json!([{
            "id": "07070707-0707-0707-0707-070707070707",
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": "subnetId", "value": "subnet-1"}],
        }])
    );
    let managed = &task["containers"][0]["managedAgents"][0];
    assert_eq!(managed["lastStatus"], "RUNNING");
    assert!(managed["lastStartedAt"].is_number());

    let detached = |status: &str| json!({"cluster": "web", "attachments": [{"attachmentArn": interface, "status": status}]});
    for (host, status, expected) in
        [("stranger", "DETACHED", 400), ("host", "DETACHED", 200), ("host", "ATTACHED", 200)]
    {
        let (found, answer) =
            world.ask_as(host, "SubmitAttachmentStateChanges", detached(status)).await;
        assert_eq!(found, expected, "{answer}");
    }
    let shown = &world.task(&arn).await["attachments"][0]["status"];
    assert_eq!(shown, "DETACHED", "what came late takes nothing back");
}

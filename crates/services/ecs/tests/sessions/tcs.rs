//! Telemetry: metrics are kept in memory, health reaches what is described.

use std::time::Duration;

use berth_ecs::tables::{ContainerInstance, Task};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::agent::Agent;
use super::world::{World, text};

/// As Amazon's agent sends it: signed header lines, a blank line, the frame.
async fn publish(agent: &mut Agent, kind: &str, message: Value) {
    let frame = json!({"type": kind, "message": message});
    let text = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=K/20260102/us-east-1/ecs/aws4_request, SignedHeaders=host, \
         Signature=00\r\nHost: 127.0.0.1\r\nX-Amz-Date: 20260102T030405Z\r\n\r\n{frame}"
    );
    agent.say_text(&text).await;
}

fn metrics(tasks: &[&str], fin: bool, idle: bool) -> Value {
    let tasks: Vec<Value> = tasks
        .iter()
        .map(|arn| {
            json!({
                "taskArn": arn,
                "taskDefinitionFamily": "sleep",
                "taskDefinitionVersion": "1",
                "containerMetrics": [{
                    "containerName": "main",
                    "cpuStatsSet": {"min": 1.0, "max": 3.0, "sampleCount": 2, "sum": 4.0},
                    "memoryStatsSet": {"min": 5.0, "max": 7.0, "sampleCount": 2, "sum": 12.0},
                }],
            })
        })
        .collect();
    json!({
        "metadata": {"cluster": "web", "containerInstance": "i", "messageId": "m-1", "idle": idle, "fin": fin},
        "taskMetrics": tasks,
        "timestamp": 1_767_323_045.5,
    })
}

#[tokio::test(start_paused = true)]
async fn metrics_are_acknowledged_and_kept_for_tasks_of_this_instance() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let (first, second) = (world.run_task().await, world.run_task().await);
    let stranger = first.replace(&first[first.len() - 32..], "00000000000000000000000000000000");
    let mut agent = world.connect_telemetry("host", &instance).await;
    publish(
        &mut agent,
        "PublishMetricsRequest",
        metrics(&[&first, &stranger, "nonsense"], false, false),
    )
    .await;
    assert_eq!(agent.next("AckPublishMetric").await, json!({"message": "m-1"}));
    publish(&mut agent, "PublishMetricsRequest", metrics(&[&second], true, false)).await;
    agent.next("AckPublishMetric").await;

    let view = world.ecs.cell.snapshot();
    let id = view.table::<ContainerInstance>().iter().next().expect("an instance").id;
    let sample = |arn: &str| {
        let task = arn[arn.len() - 32..].parse().expect("an id");
        world.ecs.telemetry.task(&id, &task)
    };
    assert_eq!(sample(&first).expect("a sample").containers[0].container_name, "main");
    assert!(sample(&second).is_some(), "the frames of one report belong together");
    assert!(sample(&stranger).is_none(), "an agent speaks only of its own tasks");

    tokio::time::sleep(Duration::from_secs(20)).await;
    publish(&mut agent, "PublishMetricsRequest", metrics(&[&second], true, false)).await;
    agent.next("AckPublishMetric").await;
    assert!(sample(&first).is_none(), "a report without it ends a task's samples");
    assert!(sample(&second).is_some());

    tokio::time::sleep(Duration::from_secs(20)).await;
    publish(&mut agent, "PublishMetricsRequest", metrics(&[], true, true)).await;
    agent.next("AckPublishMetric").await;
    assert!(sample(&second).is_none(), "nothing runs on an idle instance");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_telemetry_forgets_its_samples() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let arn = world.run_task().await;
    let mut agent = world.connect_telemetry("host", &instance).await;
    publish(&mut agent, "PublishMetricsRequest", metrics(&[&arn], true, false)).await;
    agent.next("AckPublishMetric").await;
    let view = world.ecs.cell.snapshot();
    let task = view.table::<Task>().iter().next().expect("a task").clone();
    let instance = task.container_instance.expect("it is placed");
    assert!(world.ecs.telemetry.task(&instance, &task.id).is_some());
    let with_storage = json!({
        "metadata": {"messageId": "m-2", "idle": false, "fin": false},
        "instanceMetrics": {"storage": {"rootFilesystem": 12.5}},
    });
    publish(&mut agent, "PublishMetricsRequest", with_storage).await;
    agent.next("AckPublishMetric").await;
    let storage = world.ecs.telemetry.storage(&instance).expect("what was told");
    assert_eq!((storage.root_filesystem, storage.data_filesystem), (Some(12.5), None));
    agent.hang_up().await;
    assert!(world.ecs.telemetry.storage(&instance).is_none());
    assert!(world.ecs.telemetry.task(&instance, &task.id).is_none());
}

async fn tell_health(agent: &mut Agent, task: &str, containers: &[(&str, &str)]) {
    let containers: Vec<Value> = containers
        .iter()
        .map(|(name, status)| json!({"containerName": name, "healthStatus": status, "statusSince": 1_767_323_045.0}))
        .collect();
    let message = json!({
        "metadata": {"cluster": "web", "containerInstance": "i", "messageId": "h-1", "fin": true},
        "tasks": [{
            "taskArn": task, "taskDefinitionFamily": "checked", "taskDefinitionVersion": "1", "containers": containers,
        }],
        "timestamp": 1_767_323_045.0,
    });
    publish(agent, "PublishHealthRequest", message).await;
    assert_eq!(agent.next("AckPublishHealth").await, json!({"message": "h-1"}));
}

#[tokio::test(start_paused = true)]
async fn a_task_is_as_healthy_as_its_essential_containers_with_checks() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let check = json!({"command": ["CMD-SHELL", "true"]});
    let container = |name: &str, essential: bool, check: Option<&Value>| {
        let mut container =
            json!({"name": name, "image": "i", "memory": 16, "essential": essential});
        if let Some(check) = check {
            container["healthCheck"] = check.clone();
        }
        container
    };
    world
        .ask(
            "RegisterTaskDefinition",
            json!({"family": "checked", "containerDefinitions": [
                container("one", true, Some(&check)), container("two", true, Some(&check)),
                container("extra", false, Some(&check)), container("plain", true, None),
            ]}),
        )
        .await;
    let answer = world.ask("RunTask", json!({"cluster": "web", "taskDefinition": "checked"})).await;
    assert_eq!(answer["failures"], json!([]));
    let task = text(&answer, "/tasks/0/taskArn");
    let mut agent = world.connect_telemetry("host", &instance).await;
    let cases = [
        (["HEALTHY", "UNKNOWN", "UNHEALTHY"], "UNKNOWN"),
        (["HEALTHY", "HEALTHY", "UNHEALTHY"], "HEALTHY"),
        (["UNHEALTHY", "HEALTHY", "HEALTHY"], "UNHEALTHY"),
        (["UNHEALTHY", "UNKNOWN", "HEALTHY"], "UNHEALTHY"),
    ];
    for (told, expected) in cases {
        let told = [("one", told[0]), ("two", told[1]), ("extra", told[2]), ("nobody", "HEALTHY")];
        tell_health(&mut agent, &task, &told).await;
        let shown = world.task(&task).await;
        assert_eq!(shown["healthStatus"], expected);
        assert_eq!(shown["containers"][0]["healthStatus"], told[0].1);
        assert_eq!(shown["containers"][3]["healthStatus"], "UNKNOWN");
    }
    let before = world.task(&task).await;
    tell_health(&mut agent, &task, &[("one", "UNHEALTHY")]).await;
    assert_eq!(world.task(&task).await, before, "no news is no change");
    world
        .ask("SubmitTaskStateChange", json!({"cluster": "web", "task": task, "status": "STOPPED"}))
        .await;
    tell_health(&mut agent, &task, &[("one", "HEALTHY")]).await;
    assert_eq!(
        world.task(&task).await["healthStatus"],
        "UNHEALTHY",
        "what has ended does not recover"
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_s_own_health_is_described() {
    let world = World::new().await;
    let instance = world.register("host").await;
    assert_eq!(world.instance(&instance).await.get("healthStatus"), None);
    let mut agent = world.connect_telemetry("host", &instance).await;
    let message = |at: f64| {
        json!({
            "metadata": {"cluster": "web", "containerInstance": "i", "requestId": "r-1"},
            "statuses": [{
                "type": "ContainerRuntime", "status": "IMPAIRED",
                "lastUpdated": at, "lastStatusChange": 1_767_323_040.0,
            }],
            "timestamp": at,
        })
    };
    publish(&mut agent, "PublishInstanceStatusRequest", message(1_767_323_045.0)).await;
    assert_eq!(agent.next("AckPublishInstanceStatus").await, json!({"message": "r-1"}));
    let health = world.instance(&instance).await["healthStatus"].clone();
    assert_eq!(health["overallStatus"], "IMPAIRED");
    let details = json!([{
        "type": "CONTAINER_RUNTIME", "status": "IMPAIRED",
        "lastUpdated": 1_767_323_045, "lastStatusChange": 1_767_323_040,
    }]);
    assert_eq!(health["details"], details);

    // To hear the same again is not to write it down again.
    let version = world.instance(&instance).await["version"].clone();
    publish(&mut agent, "PublishInstanceStatusRequest", message(1_767_323_065.0)).await;
    agent.next("AckPublishInstanceStatus").await;
    let again = world.instance(&instance).await;
    assert_eq!(again["healthStatus"]["details"][0]["lastUpdated"], 1_767_323_065);
    assert_eq!(again["version"], version);
}

#[tokio::test(start_paused = true)]
async fn frames_without_a_header_are_read_and_nonsense_is_answered() {
    let world = World::new().await;
    let instance = world.register("host").await;
    let mut agent = world.connect_telemetry("host", &instance).await;
    agent.say("PublishMetricsRequest", metrics(&[], true, true)).await;
    agent.next("AckPublishMetric").await;
    for nonsense in ["", "Host: x", "Host: x\r\n\r\n{}", "{\"type\": \"Unheard\", \"message\": {}}"]
    {
        agent.say_text(nonsense).await;
        assert!(agent.next("BadRequestException").await["message"].is_string());
    }
    agent.say("PublishMetricsRequest", metrics(&[], true, true)).await;
    agent.next("AckPublishMetric").await;
    let since = Instant::now();
    assert_eq!(agent.next("HeartbeatMessage").await["healthy"], true);
    assert!(since.elapsed() <= Duration::from_secs(25));
}

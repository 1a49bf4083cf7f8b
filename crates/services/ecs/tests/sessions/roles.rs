//! The roles of tasks: their credentials come with the task, are renewed in time, and are shown to nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use super::agent::Agent;
use super::world::{World, text};

const APP: &str = "arn:aws:iam::123456789012:role/app";
const EXECUTION: &str = "arn:aws:iam::123456789012:role/execution";
const HOUR: Duration = Duration::from_secs(3600);

async fn define(world: &World, family: &str, task: Option<&str>, execution: Option<&str>) {
    let input = json!({
        "family": family, "taskRoleArn": task, "executionRoleArn": execution,
        "containerDefinitions": [{"name": "main", "image": "busybox", "memory": 16}],
    });
    world.ask("RegisterTaskDefinition", input).await;
}

/// A host that can give containers their roles.
async fn agent(world: &World, host: &str) -> Agent {
    let agent = world.agent(host).await;
    let names =
        ["com.amazonaws.ecs.capability.task-iam-role", "ecs.capability.execution-role-awslogs"];
    let attributes: Vec<Value> = names.map(|name| json!({ "name": name })).to_vec();
    let all = json!({"cluster": "web", "containerInstanceArn": agent.instance, "attributes": attributes,
        "totalResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 4096},
                           {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192}]});
    world.ask("RegisterContainerInstance", all).await;
    agent
}

async fn run(world: &World, family: &str) -> String {
    let answer = world.ask("RunTask", json!({"cluster": "web", "taskDefinition": family})).await;
    assert_eq!(answer["failures"], json!([]), "{answer}");
    text(&answer, "/tasks/0/taskArn")
}

async fn report(world: &World, task: &str, status: &str) {
    let input = json!({"cluster": "web", "task": task, "status": status, "containers": [
        {"containerName": "main", "status": status}]});
    let (code, answer) = world.ask_as("host", "SubmitTaskStateChange", input).await;
    assert_eq!(code, 200, "{answer}");
}

async fn acknowledge_credentials(agent: &mut Agent, message: &Value) {
    let credentials = &message["roleCredentials"];
    let acknowledgement = json!({
        "messageId": message["messageId"], "credentialsId": credentials["credentialsId"],
        "expiration": credentials["expiration"],
    });
    agent.say("IAMRoleCredentialsAckRequest", acknowledgement).await;
}

#[tokio::test(start_paused = true)]
async fn credentials_come_with_the_task_and_are_shown_to_nobody_else() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "both", Some(APP), Some(EXECUTION)).await;
    let arn = run(&world, "both").await;
    let payload = agent.take_payload().await;
    let task = &payload["tasks"][0];
    let (of_task, of_execution) = (&task["roleCredentials"], &task["executionRoleCredentials"]);
    assert_eq!((&of_task["roleArn"], &of_execution["roleArn"]), (&json!(APP), &json!(EXECUTION)));
    let id = text(of_task, "/credentialsId");
    assert_eq!(id.len(), 36, "a UUID");
    assert_ne!(id, text(of_execution, "/credentialsId"));
    assert_ne!(of_task["accessKeyId"], of_execution["accessKeyId"]);
    assert_eq!(of_task["expiration"], "2026-01-02T09:04:05Z", "in six hours");
    let name = arn.rsplit('/').next().unwrap();
    assert!(text(of_task, "/sessionToken").starts_with(name), "the session is the task's");

    let shown = world.task(&arn).await.to_string();
    for secret in [&id, "secret-", "ASIA", " of 1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let record = format!(
        "{:?}",
        world.ecs.cell.snapshot().table::<berth_ecs::tables::Task>().iter().collect::<Vec<_>>()
    );
    assert!(!record.contains(&id.replace('-', "")), "{record}");
}

#[tokio::test(start_paused = true)]
async fn credentials_are_renewed_when_half_their_time_has_passed() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "app", Some(APP), None).await;
    let arn = run(&world, "app").await;
    let payload = agent.take_payload().await;
    let first = payload["tasks"][0]["roleCredentials"].clone();
    assert_eq!(payload["tasks"][0].get("executionRoleCredentials"), None);
    report(&world, &arn, "RUNNING").await;
    agent.quiet_for(3 * HOUR - Duration::from_secs(1)).await;

    let renewal = agent.next("IAMRoleCredentialsMessage").await;
    assert_eq!(
        (&renewal["taskArn"], &renewal["roleType"]),
        (&json!(arn), &json!("TaskApplication"))
    );
    assert_eq!(renewal["roleCredentials"]["credentialsId"], first["credentialsId"]);
    assert_ne!(renewal["roleCredentials"]["accessKeyId"], first["accessKeyId"]);
    // Nobody says that it has them.
    agent.quiet_for(Duration::from_secs(9)).await;
    let again = agent.next("IAMRoleCredentialsMessage").await;
    assert_ne!(again["messageId"], renewal["messageId"]);
    acknowledge_credentials(&mut agent, &renewal).await;
    let third = agent.next("IAMRoleCredentialsMessage").await;
    acknowledge_credentials(&mut agent, &third).await;
    agent.quiet_for(3 * HOUR - Duration::from_secs(1)).await;
    agent.next("IAMRoleCredentialsMessage").await;

    report(&world, &arn, "STOPPED").await;
    agent.quiet_for(7 * HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn who_connects_again_gets_new_credentials_for_what_runs() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "both", Some(APP), Some(EXECUTION)).await;
    let arn = run(&world, "both").await;
    let payload = agent.take_payload().await;
    report(&world, &arn, "RUNNING").await;
    let instance = agent.instance.clone();
    agent.hang_up().await;
    let world = world.restarted().await;
    let mut agent = world.connect("host", &instance).await;
    agent.next("TaskManifestMessage").await;
    for (kind, member) in
        [("TaskApplication", "roleCredentials"), ("TaskExecution", "executionRoleCredentials")]
    {
        let message = agent.next("IAMRoleCredentialsMessage").await;
        assert_eq!(message["roleType"], kind);
        let before = &payload["tasks"][0][member];
        assert_eq!(message["roleCredentials"]["credentialsId"], before["credentialsId"]);
        acknowledge_credentials(&mut agent, &message).await;
    }
    agent.quiet_for(HOUR).await;
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_renewed_leaves_the_task_alone() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "app", Some(APP), None).await;
    let arn = run(&world, "app").await;
    agent.take_payload().await;
    report(&world, &arn, "RUNNING").await;
    world.lender.delete(APP);
    agent.quiet_for(7 * HOUR).await;
    assert_eq!(world.task(&arn).await["lastStatus"], "RUNNING");
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_role_is_gone_when_it_is_told_of_does_not_run() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "app", Some(APP), None).await;
    let arn = run(&world, "app").await;
    let lost = agent.next("PayloadMessage").await;
    assert!(lost["tasks"][0]["roleCredentials"].is_object());
    world.lender.delete(APP);
    // It is not acknowledged, and so it is told again.
    let payload = agent.next("PayloadMessage").await;
    assert_eq!(payload["tasks"][0]["desiredStatus"], "STOPPED");
    assert_eq!(payload["tasks"][0]["containers"], json!([]));
    let task = world.task(&arn).await;
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(text(&task, "/stoppedReason").contains(&format!("unable to assume the role '{APP}'")));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_does_not_trust_ecs_is_refused() {
    let world = World::new().await;
    let agent = agent(&world, "host").await;
    let untrusted = "arn:aws:iam::123456789012:role/untrusted";
    define(&world, "bad", None, Some(untrusted)).await;
    let instance = &agent.instance;
    for (operation, input) in [
        ("RunTask", json!({"cluster": "web", "taskDefinition": "bad"})),
        (
            "StartTask",
            json!({"cluster": "web", "taskDefinition": "bad", "containerInstances": [instance]}),
        ),
    ] {
        let (status, answer) = world.ask_as(super::world::ADMINISTRATOR, operation, input).await;
        assert_eq!((status, &answer["__type"]), (400, &json!("ClientException")), "{answer}");
        let message = text(&answer, "/message");
        let start = format!(
            "ECS was unable to assume the role '{untrusted}' that was provided for this task."
        );
        assert!(message.starts_with(&start), "{message}");
    }
    // An override puts it right.
    let input = json!({"cluster": "web", "taskDefinition": "bad", "overrides": {"executionRoleArn": EXECUTION}});
    assert_eq!(world.ask("RunTask", input).await["failures"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_service_tells_that_its_role_cannot_be_assumed() {
    let world = World::new().await;
    let mut agent = agent(&world, "host").await;
    define(&world, "bad", Some("untrusted"), None).await;
    let input =
        json!({"cluster": "web", "serviceName": "s", "taskDefinition": "bad", "desiredCount": 1});
    world.ask("CreateService", input).await;
    agent.quiet_for(Duration::from_secs(60)).await;
    let input = json!({"cluster": "web", "services": ["s"]});
    let service = world.ask("DescribeServices", input).await["services"][0].clone();
    let events = service["events"].to_string();
    let words = "(service s) failed to launch a task with (error ECS was unable to assume the role 'untrusted'";
    assert!(events.contains(words), "{events}");
    assert!(!events.contains("container instance"), "room has nothing to do with it: {events}");
    // It is tried again after a while, and each time counts.
    let failed = service["deployments"][0]["failedTasks"].as_u64().expect("a count");
    assert!(failed > 1, "{service}");
    assert_eq!((&service["runningCount"], &service["pendingCount"]), (&json!(0), &json!(0)));
}

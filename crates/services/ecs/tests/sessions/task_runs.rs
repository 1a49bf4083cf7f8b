//! Tasks that another service has run: once for each id, with its environment, and with a known outcome.

use std::net::{IpAddr, Ipv4Addr};

use berth_control::pipeline::{Call, Principal, PrincipalKind, RequestId, Seen};
use berth_control::ports::{TaskKind, TaskOutcome, TaskRefusal, TaskRun, TaskRuns};
use berth_ecs::RunsTasks;
use berth_model::{Scope, TaskId};
use serde_json::{Value, json};

use super::world::World;

const FIRST: TaskId = TaskId::from_bytes([1; 16]);
const SECOND: TaskId = TaskId::from_bytes([2; 16]);

fn scope() -> Scope {
    Scope::new("123456789012".parse().unwrap(), "us-east-1".parse().unwrap())
}

fn kind(task_definition: &str, cluster: &str) -> TaskKind {
    TaskKind { task_definition: task_definition.to_owned(), cluster: cluster.to_owned() }
}

fn wanted(world: &World, id: TaskId, kind: TaskKind) -> TaskRun {
    TaskRun {
        id,
        scope: scope(),
        kind,
        started_by: "secretsmanager/1".to_owned(),
        environment: [("STEP".to_owned(), "createSecret".to_owned())].into(),
        now: world.ecs.env.now(),
    }
}

async fn define(world: &World) {
    let container = |name: &str, essential: bool| json!({"name": name, "image": "busybox", "memory": 16, "essential": essential});
    let input = json!({"family": "rotator", "taskRoleArn": "arn:aws:iam::123456789012:role/app",
        "containerDefinitions": [container("main", true), container("side", false)]});
    world.ask("RegisterTaskDefinition", input).await;
}

fn arn(id: TaskId) -> String {
    format!("arn:aws:ecs:us-east-1:123456789012:task/web/{id}")
}

async fn ends(world: &World, id: TaskId, main: Value, side: Value) {
    let input = json!({"cluster": "web", "task": arn(id), "status": "STOPPED", "containers": [
        {"containerName": "main", "status": "STOPPED", "exitCode": main},
        {"containerName": "side", "status": "STOPPED", "exitCode": side}]});
    let (code, answer) = world.ask_as("host", "SubmitTaskStateChange", input).await;
    assert_eq!(code, 200, "{answer}");
}

/// A world with a host that can give containers their roles.
async fn world() -> World {
    let world = World::new().await;
    let instance = world.register("host").await;
    let attributes = json!([{ "name": "com.amazonaws.ecs.capability.task-iam-role" }]);
    let all = json!({"cluster": "web", "containerInstanceArn": instance, "attributes": attributes,
        "totalResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 4096},
                           {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192}]});
    world.ask("RegisterContainerInstance", all).await;
    define(&world).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_task_is_started_once_for_each_id_and_its_end_is_told() {
    let world = world().await;
    let tasks = RunsTasks::of(&world.ecs);
    assert_eq!(tasks.outcome(FIRST), None);
    let run = wanted(&world, FIRST, kind("rotator:1", "web"));
    tasks.run(run.clone()).await.unwrap();
    tasks.run(run.clone()).await.unwrap();
    let listed = world.ask("ListTasks", json!({"cluster": "web"})).await;
    assert_eq!(listed["taskArns"], json!([arn(FIRST)]));
    let task = world.task(&arn(FIRST)).await;
    assert_eq!(task["startedBy"], "secretsmanager/1");
    let environment = json!([{"name": "STEP", "value": "createSecret"}]);
    for container in task["overrides"]["containerOverrides"].as_array().unwrap() {
        assert_eq!(container["environment"], environment);
    }
    assert_eq!(tasks.outcome(FIRST), Some(TaskOutcome::Running));

    ends(&world, FIRST, json!(0), json!(137)).await;
    assert_eq!(
        tasks.outcome(FIRST),
        Some(TaskOutcome::Succeeded),
        "the other one is not essential"
    );
    tasks.run(run).await.unwrap();
    assert_eq!(tasks.outcome(FIRST), Some(TaskOutcome::Succeeded), "it is not begun again");
    tasks.run(wanted(&world, SECOND, kind("rotator:1", "web"))).await.unwrap();
    ends(&world, SECOND, json!(3), json!(0)).await;
    let Some(TaskOutcome::Failed(why)) = tasks.outcome(SECOND) else { panic!("it has failed") };
    assert!(why.contains("main ended with exit code 3"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_started_is_told_apart_by_whether_it_may_be_later() {
    let world = world().await;
    let tasks = RunsTasks::of(&world.ecs);
    world.ask("CreateCluster", json!({"clusterName": "empty"})).await;
    let no_room = tasks.run(wanted(&world, FIRST, kind("rotator:1", "empty"))).await;
    assert!(matches!(no_room, Err(TaskRefusal::NoRoom(_))), "{no_room:?}");
    for kind in [kind("rotator:1", "missing"), kind("rotator:2", "web")] {
        let refused = tasks.run(wanted(&world, FIRST, kind)).await;
        assert!(matches!(refused, Err(TaskRefusal::Refused(_))), "{refused:?}");
    }
    assert_eq!(tasks.outcome(FIRST), None);
    assert_eq!(tasks.revision(&scope(), "rotator").as_deref(), Some("rotator:1"));
    assert_eq!(tasks.revision(&scope(), "rotator:2"), None);
}

#[tokio::test(start_paused = true)]
async fn a_task_is_stopped_if_it_is_there() {
    let world = world().await;
    let tasks = RunsTasks::of(&world.ecs);
    tasks.stop(FIRST, "enough", world.ecs.env.now()).await.unwrap();
    tasks.run(wanted(&world, FIRST, kind("rotator:1", "web"))).await.unwrap();
    tasks.stop(FIRST, "enough", world.ecs.env.now()).await.unwrap();
    let task = world.task(&arn(FIRST)).await;
    assert_eq!(
        (&task["desiredStatus"], &task["stoppedReason"]),
        (&json!("STOPPED"), &json!("enough"))
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_wants_a_task_wants_all_that_run_task_wants() {
    let world = world().await;
    let call = Call {
        request_id: RequestId::from_bytes([0; 16]),
        scope: scope(),
        principal: Principal { kind: PrincipalKind::Anonymous, access_key_id: None },
        now: world.ecs.env.now(),
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        secure: true,
        authority: None,
        seen: Seen::default(),
    };
    let wanted = RunsTasks::of(&world.ecs).wants(&call, &kind("rotator:1", "web"));
    let told = wanted.iter().map(|one| format!("{} on {}", one.action, one.resource.arn()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "ecs:RunTask on arn:aws:ecs:us-east-1:123456789012:task-definition/rotator:1",
            "iam:PassRole on arn:aws:iam::123456789012:role/app",
        ]
    );
    let names: Vec<&str> = wanted[0].keys.names().collect();
    assert!(names.contains(&"ecs:cluster"), "{names:?}");
}

//! A task of a service asks through its agent to be left alone for a while.

use std::time::Duration;

use berth_ecs::tables::Task;
use berth_model::TaskArn;
use serde_json::{Value, json};

use super::world::World;

/// A task that counts as a service's. Until there are services, nothing else makes one.
async fn task_of_service(world: &World) -> String {
    world.register("host").await;
    let arn = world.run_task().await;
    let id = arn.parse::<TaskArn>().expect("an ARN").id;
    let joined = world.ecs.cell.write(move |tx| {
        let task = tx.get::<Task>(&id).expect("it was run").clone();
        tx.put(Task { group: "service:web".into(), ..task });
        Ok::<(), std::convert::Infallible>(())
    });
    joined.await.expect("it is written");
    arn
}

async fn protect(world: &World, arn: &str, enabled: bool, minutes: Option<i32>) -> Value {
    let mut input = json!({"cluster": "web", "tasks": [arn], "protectionEnabled": enabled});
    if let Some(minutes) = minutes {
        input["expiresInMinutes"] = json!(minutes);
    }
    world.ask("UpdateTaskProtection", input).await
}

async fn shown(world: &World, arn: &str) -> Value {
    let answer = world.ask("GetTaskProtection", json!({"cluster": "web", "tasks": [arn]})).await;
    assert_eq!(answer["failures"], json!([]));
    answer["protectedTasks"].clone()
}

#[tokio::test(start_paused = true)]
async fn protection_runs_out_by_itself() {
    let world = World::new().await;
    let arn = task_of_service(&world).await;
    let unprotected = json!([{ "taskArn": arn, "protectionEnabled": false }]);
    assert_eq!(shown(&world, &arn).await, unprotected);

    let now = world.ecs.env.now().as_millis() / 1000;
    let answer = protect(&world, &arn, true, Some(5)).await;
    let protected =
        json!([{ "taskArn": arn, "protectionEnabled": true, "expirationDate": now + 300 }]);
    assert_eq!(answer, json!({ "protectedTasks": protected, "failures": [] }));
    tokio::time::sleep(Duration::from_secs(299)).await;
    assert_eq!(shown(&world, &arn).await, protected);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(shown(&world, &arn).await, unprotected);
}

#[tokio::test(start_paused = true)]
async fn protection_lasts_two_hours_unless_told_and_can_be_taken_away() {
    let world = World::new().await;
    let arn = task_of_service(&world).await;
    let now = world.ecs.env.now().as_millis() / 1000;
    let answer = protect(&world, &arn, true, None).await;
    assert_eq!(answer["protectedTasks"][0]["expirationDate"], now + 7200);
    let answer = protect(&world, &arn, false, None).await;
    assert_eq!(answer["protectedTasks"], json!([{ "taskArn": arn, "protectionEnabled": false }]));
}

#[tokio::test(start_paused = true)]
async fn protection_survives_the_control_plane() {
    let world = World::new().await;
    let arn = task_of_service(&world).await;
    protect(&world, &arn, true, Some(60)).await;
    let before = shown(&world, &arn).await;
    let world = world.restarted().await;
    assert_eq!(shown(&world, &arn).await, before);
}

//! How many services there may be, and how many tasks of one: the last that may be is made, the next is refused.

use berth_ecs::Limits;
use serde_json::json;

use crate::sessions::world::{ADMINISTRATOR, World, text};

const CODE: &str = "InvalidParameterException";

async fn refused(world: &World, operation: &str, input: serde_json::Value) -> (String, String) {
    let (status, answer) = world.ask_as(ADMINISTRATOR, operation, input).await;
    assert_eq!(status, 400, "{operation}: {answer}");
    (text(&answer, "/__type"), text(&answer, "/message"))
}

#[tokio::test(start_paused = true)]
async fn the_classic_ecs_has_a_thousand_services_a_cluster() {
    assert_eq!(Limits::default().services_per_cluster, 5_000, "today's has more");
    let mut world = World::with_limits(Limits::classic()).await;
    world.register_task_definition().await;
    // Services that nobody looks after are services all the same, and quicker to make.
    world.stand_still().await;
    let service = |cluster: &str, name: &str| json!({"cluster": cluster, "serviceName": name, "taskDefinition": "sleep", "desiredCount": 0});
    for number in 0..1_000 {
        world.ask("CreateService", service("web", &format!("service-{number}"))).await;
    }
    let counted = json!({"clusters": ["web"], "include": ["STATISTICS"]});
    let before = world.ask("DescribeClusters", counted.clone()).await;
    assert_eq!(before["clusters"][0]["activeServicesCount"], 1_000);

    let (code, message) = refused(&world, "CreateService", service("web", "one-too-many")).await;
    assert_eq!(code, "ClientException");
    assert_eq!(message, "The maximum number of services in a cluster is 1000.");
    assert_eq!(world.ask("DescribeClusters", counted.clone()).await, before);
    let input = json!({"cluster": "web", "services": ["one-too-many"]});
    let described = world.ask("DescribeServices", input).await;
    assert_eq!(described["failures"][0]["reason"], "MISSING");

    // It is the cluster that is full.
    world.ask("CreateCluster", json!({"clusterName": "other"})).await;
    world.ask("CreateService", service("other", "one-too-many")).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_gone_makes_room_for_another() {
    let limits = Limits { services_per_cluster: 1, ..Limits::default() };
    let world = World::with_limits(limits).await;
    world.register_task_definition().await;
    let service = |name: &str| json!({"cluster": "web", "serviceName": name, "taskDefinition": "sleep", "desiredCount": 0});
    world.ask("CreateService", service("first")).await;
    assert_eq!(refused(&world, "CreateService", service("second")).await.0, "ClientException");
    world.ask("DeleteService", json!({"cluster": "web", "service": "first"})).await;
    world.reconcilers.settled().await;
    world.ask("CreateService", service("second")).await;
}

#[tokio::test(start_paused = true)]
async fn a_classic_service_has_a_thousand_tasks() {
    let world = World::with_limits(Limits::classic()).await;
    world.register_task_definition().await;
    let mut service = json!({
        "cluster": "web", "serviceName": "api", "taskDefinition": "sleep", "desiredCount": 1_001,
    });
    let (code, message) = refused(&world, "CreateService", service.clone()).await;
    assert_eq!(code, CODE);
    assert!(message.contains("at most 1000 tasks; 1001 were asked for"), "{message}");
    service["desiredCount"] = json!(1_000);
    world.ask("CreateService", service).await;
    let update = json!({"cluster": "web", "service": "api", "desiredCount": 1_001});
    assert_eq!(refused(&world, "UpdateService", update).await.0, CODE);
    let described = world.ask("DescribeServices", json!({"cluster": "web", "services": ["api"]}));
    assert_eq!(described.await["services"][0]["desiredCount"], 1_000);
}

//! Tasks that wait for capacity, when there are many of them, and when the control plane goes away meanwhile.

use serde_json::{Value, json};

use super::world::{World, text};

const GROUP: &str =
    "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/blue";

/// A cluster whose tasks are for a provider without instances.
async fn world() -> World {
    let world = World::new().await;
    let group = json!({"autoScalingGroupArn": GROUP, "managedScaling": {"status": "ENABLED"}});
    let provider = json!({"name": "blue", "autoScalingGroupProvider": group});
    world.ask("CreateCapacityProvider", provider).await;
    let strategy = json!([{"capacityProvider": "blue", "weight": 1}]);
    let providers = json!({"cluster": "web", "capacityProviders": ["blue"], "defaultCapacityProviderStrategy": strategy});
    world.ask("PutClusterCapacityProviders", providers).await;
    for (family, cpu) in [("small", 256), ("huge", 4096)] {
        let container = json!({"name": "app", "image": "nginx", "cpu": cpu, "memory": 16});
        let definition = json!({"family": family, "containerDefinitions": [container]});
        world.ask("RegisterTaskDefinition", definition).await;
    }
    world
}

async fn run(world: &World, family: &str, count: u32) -> Value {
    let input = json!({"cluster": "web", "taskDefinition": family, "count": count});
    world.ask("RunTask", input).await
}

/// A host of the provider with room for four small tasks.
async fn host(world: &World) {
    let resource =
        |name: &str, value: u32| json!({"name": name, "type": "INTEGER", "integerValue": value});
    let input = json!({
        "cluster": "web",
        "totalResources": [resource("CPU", 1024), resource("MEMORY", 1024)],
        "attributes": [
            {"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
            {"name": "berth.capacity-provider", "value": "blue"},
        ],
    });
    world.ask("RegisterContainerInstance", input).await;
    world.reconcilers.settled().await;
}

/// The ARNs of tasks in this state, by the id of the instance that they are on.
async fn is(world: &World, task: &Value) -> String {
    text(&world.task(task["taskArn"].as_str().expect("an ARN")).await, "/lastStatus")
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_placed_after_a_restart_and_the_oldest_first() {
    let world = world().await;
    let huge = run(&world, "huge", 1).await["tasks"][0].clone();
    let mut small = Vec::new();
    for _ in 0..5 {
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        small.push(run(&world, "small", 1).await["tasks"][0].clone());
    }
    let world = world.restarted().await;
    host(&world).await;
    assert_eq!(is(&world, &huge).await, "PROVISIONING", "it fits nowhere");
    for task in &small[..4] {
        assert_eq!(is(&world, task).await, "PENDING", "a larger one does not hold it up");
    }
    assert_eq!(is(&world, &small[4]).await, "PROVISIONING", "there was room for four");

    let stop = json!({"cluster": "web", "task": small[0]["taskArn"]});
    world.ask("StopTask", stop).await;
    let ended = json!({"cluster": "web", "task": small[0]["taskArn"], "status": "STOPPED"});
    world.ask("SubmitTaskStateChange", ended).await;
    world.reconcilers.settled().await;
    assert_eq!(is(&world, &small[4]).await, "PENDING", "room that a task gives back is room");
}

#[tokio::test(start_paused = true)]
async fn so_many_may_wait_and_no_more() {
    let world = world().await;
    for _ in 0..30 {
        assert_eq!(run(&world, "small", 10).await["failures"], json!([]));
    }
    let refused = run(&world, "small", 2).await;
    assert_eq!(refused["tasks"], json!([]));
    assert_eq!(refused["failures"][0]["reason"], "EMPTY CAPACITY PROVIDER");
    host(&world).await;
    assert_eq!(run(&world, "small", 4).await["tasks"].as_array().map(Vec::len), Some(4));
}

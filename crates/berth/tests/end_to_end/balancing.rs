//! A service behind a load balancer, on hosts of its own, under constant load from clients of every kind.

mod load;
pub mod world;

use berth_test_server::{Value, json, until};

use self::load::{CLIENTS, Outcome};
use self::world::{Balancer, World};
use crate::ecs::one_container;
use crate::services::service::Service;

const KINDS: [&str; 4] = ["HTTP/2", "WebSockets", "kept connections", "new connections"];

fn page(version: &str) -> Value {
    let ports = json!([{ "containerPort": 80, "hostPort": 0 }]);
    let environment = json!([{ "name": "VERSION", "value": version }]);
    one_container("web", json!({ "portMappings": ports, "environment": environment }))
}

fn is_at_rest(service: &Value, definition: &str) -> bool {
    let deployments = service["deployments"].as_array().expect("a list");
    service["runningCount"] == 6
        && deployments.len() == 1
        && deployments[0]["taskDefinition"] == definition
        && deployments[0]["rolloutState"] == "COMPLETED"
}

/// Six tasks of this revision that get requests.
fn six_of<'a>(world: &'a World, balancer: &Balancer, definition: &str) -> Service<'a> {
    let group = &balancer.group;
    let behind = json!([{ "targetGroupArn": group, "containerName": "main", "containerPort": 80 }]);
    let wanted = json!({ "taskDefinition": definition, "desiredCount": 6,
        "loadBalancers": behind, "placementStrategy": [{ "type": "spread", "field": "instanceId" }] });
    let service = Service::create(&world.ecs, "web", wanted);
    let at_rest = service.wait("six tasks get requests", |now| is_at_rest(now, definition));
    assert_eq!(at_rest["loadBalancers"], behind);
    service
}

#[track_caller]
fn assert_all_answered(outcome: &Outcome) {
    assert_eq!(outcome.answered.keys().copied().collect::<Vec<_>>(), KINDS, "{outcome:?}");
    assert!(outcome.failed.is_empty(), "{outcome:?}");
}

#[test]
fn no_request_fails_while_a_deployment_rolls_over_three_hosts() {
    let Some(world) = World::start(["one", "two", "three"]) else { return };
    let balancer = world.balancer();
    let first = world.ecs.register(page("first"));
    let refused = json!({
        "serviceName": "web", "taskDefinition": first, "desiredCount": 6,
        "loadBalancers": [{
            "targetGroupArn": balancer.group, "containerName": "main", "containerPort": 81,
        }],
    });
    let refusal = world.ecs.api.refused("CreateService", refused);
    assert!(refusal.message.contains("did not have a container port 81 defined"), "{refusal:?}");
    let service = six_of(&world, &balancer, &first);
    let load = world.load(&balancer);

    let second = world.ecs.register(page("second"));
    let outcome = load.during(|_| {
        service.update(json!({ "taskDefinition": second }));
        service.wait("the second revision is there", |service| is_at_rest(service, &second));
    });
    assert_all_answered(&outcome);

    // Stopped by hand, a task drains as well, and another one takes its place.
    let outcome = load.during(|_| {
        let task = service.tasks()[0]["taskArn"].clone();
        world.ecs.api.call("StopTask", json!({ "task": task }));
        world.ecs.wait(task.as_str().expect("an ARN"), "STOPPED");
        service.wait("there are six again", |service| is_at_rest(service, &second));
    });
    assert_all_answered(&outcome);

    world.ecs.api.call("DeleteService", json!({ "service": "web", "force": true }));
    service.wait("the service is gone", |service| service["status"] == "INACTIVE");
    assert_eq!(world.health(&balancer), []);
    world.proxy.terminate();
}

#[test]
fn a_host_that_dies_takes_only_what_it_was_asked_with_it() {
    let Some(mut world) = World::start(["one", "two", "three"]) else { return };
    let balancer = world.balancer();
    let definition = world.ecs.register(page("only"));
    six_of(&world, &balancer, &definition);
    let load = world.load(&balancer);
    let lost = world.instance_id("three");
    let is_lost = |(id, _): &(String, String)| *id == lost;
    assert!(world.health(&balancer).iter().any(is_lost), "tasks are spread over the hosts");

    let outcome = load.during(|chapter| {
        world.destroy("three");
        chapter.next();
        until("its targets are out of service", || {
            let health = world.health(&balancer);
            let serves = |target: &(String, String)| is_lost(target) && target.1 == "healthy";
            if health.iter().any(serves) { Err(format!("{health:?}")) } else { Ok(()) }
        });
        chapter.next();
        let service = Service::of(&world.ecs, "web");
        until("six others serve", || {
            let health = world.health(&balancer);
            let serve = |target: &&(String, String)| !is_lost(target) && target.1 == "healthy";
            let count = health.iter().filter(serve).count();
            if count == 6 { Ok(()) } else { Err(format!("{health:?} {:?}", service.messages())) }
        });
    });
    assert_eq!(outcome.answered.keys().copied().collect::<Vec<_>>(), KINDS, "{outcome:?}");
    // What was under way to the host, or went there before it was known to be dead.
    let later: Vec<_> = outcome.failed.iter().filter(|failed| failed.chapter > 1).collect();
    assert!(later.is_empty(), "{later:?}");
    for kind in KINDS {
        let failed = outcome.failed.iter().filter(|failed| failed.kind == kind).count();
        // Each waits in vain for five seconds, and checks find out within fifteen.
        assert!(failed <= 3 * CLIENTS, "{kind}: {outcome:?}");
    }
}

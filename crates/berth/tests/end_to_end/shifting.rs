//! A canary under load: requests go where the listener's rules say, come back, and none of them fails.

use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use berth_test_server::{Value, json, until};

use crate::balancing::world::World;
use crate::ecs::one_container;
use crate::services::service::Service;

const PORT: u16 = 8080;
/// Of an infrastructure role, the one thing that matters here is whom it trusts.
const ROLE_FOR: &str = "ecs.amazonaws.com";

/// What the balancer is made of.
struct Front {
    groups: [String; 2],
    production: String,
    test: String,
}

impl Front {
    /// A balancer with two groups: the listener's default rule is for production, one for a header is for tests.
    fn of(world: &World) -> Front {
        let balancer = world.load_balancer();
        let groups = ["one", "two"].map(|name| world.group(name));
        let forward = "DefaultActions.member.1.ForwardConfig.TargetGroups.member";
        let members = [
            format!("{forward}.1.TargetGroupArn"),
            format!("{forward}.1.Weight"),
            format!("{forward}.2.TargetGroupArn"),
            format!("{forward}.2.Weight"),
        ];
        let listener = [
            ("LoadBalancerArn", &*balancer),
            ("Protocol", "HTTP"),
            ("Port", &PORT.to_string()),
            ("DefaultActions.member.1.Type", "forward"),
            (&*members[0], &*groups[0]),
            (&*members[1], "100"),
            (&*members[2], &*groups[1]),
            (&*members[3], "0"),
        ];
        let listener = world.elb("CreateListener", &listener, "ListenerArn");
        let of_listener = [("ListenerArn", &*listener)];
        let production = world.elb("DescribeRules", &of_listener, "RuleArn");
        let condition = "Conditions.member.1.HttpHeaderConfig";
        let (name, value) =
            (format!("{condition}.HttpHeaderName"), format!("{condition}.Values.member.1"));
        let rule = [
            ("ListenerArn", &*listener),
            ("Priority", "1"),
            ("Conditions.member.1.Field", "http-header"),
            (&*name, "x-test"),
            (&*value, "1"),
            ("Actions.member.1.Type", "forward"),
            ("Actions.member.1.TargetGroupArn", &*groups[1]),
        ];
        let test = world.elb("CreateRule", &rule, "RuleArn");
        Front { groups, production, test }
    }
}

/// The service's owner and its clients.
struct Story<'a> {
    world: &'a World,
}

impl Story<'_> {
    /// One request on a connection of its own; which version answers.
    fn get(&self, header: &str) -> io::Result<String> {
        let mut connection = self.world.connect(PORT)?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!("GET / HTTP/1.1\r\nHost: front\r\n{header}Connection: close\r\n\r\n");
        connection.write_all(request.as_bytes())?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let version = answer.split_once("<dt>DEMO_VERSION</dt><dd>");
        match version.and_then(|(_, rest)| rest.split_once("</dd>")) {
            Some((version, _)) if answer.starts_with("HTTP/1.1 200 ") => Ok(version.to_owned()),
            _ => Err(io::Error::other(answer)),
        }
    }

    /// How many of so many requests the second version answers.
    fn answered_by_second(&self, of: usize) -> usize {
        let answers = (0..of).map(|_| self.get("").expect("an answer"));
        answers.filter(|version| version == "second").count()
    }

    /// What went wrong with requests while this was done.
    fn under_load(&self, act: impl FnOnce()) -> Vec<String> {
        let is_over = AtomicBool::new(false);
        let failed = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        if let Err(error) = self.get("") {
                            failed.lock().expect("nobody panics with it").push(error.to_string());
                        }
                    }
                });
            }
            act();
            is_over.store(true, Ordering::Relaxed);
        });
        failed.into_inner().expect("nobody panicked with it")
    }

    fn deployment(&self) -> Value {
        let listed = self.world.ecs.api.call("ListServiceDeployments", json!({ "service": "web" }));
        let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].clone();
        let input = json!({ "serviceDeploymentArns": [arn] });
        let described = self.world.ecs.api.call("DescribeServiceDeployments", input);
        described["serviceDeployments"][0].clone()
    }

    fn wait(&self, what: &str, member: &str, wished: &str) -> Value {
        until(what, || {
            let deployment = self.deployment();
            let is_there = deployment[member] == wished;
            if is_there { Ok(deployment) } else { Err(deployment.to_string()) }
        })
    }
}

fn page(version: &str) -> Value {
    let ports = json!([{ "containerPort": 80, "hostPort": 0 }]);
    let environment = json!([{ "name": "DEMO_VERSION", "value": version }]);
    one_container("web", json!({ "portMappings": ports, "environment": environment }))
}

#[test]
fn a_canary_gets_its_share_and_gives_it_back() {
    let Some(world) = World::start(["one"]) else { return };
    let (front, story) = (Front::of(&world), Story { world: &world });
    let role = world.ecs.make_role_for(ROLE_FOR, "shifting", &json!([]));
    let behind = json!([{
        "targetGroupArn": front.groups[0], "containerName": "main", "containerPort": 80,
        "advancedConfiguration": {
            "alternateTargetGroupArn": front.groups[1],
            "productionListenerRule": front.production,
            "testListenerRule": front.test,
            "roleArn": role,
        },
    }]);
    let wanted = json!({
        "taskDefinition": world.ecs.register(page("first")), "desiredCount": 2,
        "loadBalancers": behind,
        "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0 },
    });
    let service = Service::create(&world.ecs, "web", wanted);
    story.wait("the first version serves", "status", "SUCCESSFUL");
    // What was written is with the proxy a moment later.
    until("requests are answered", || story.get("").map_err(|error| error.to_string()));

    let failed = story.under_load(|| {
        service.update(json!({
            "taskDefinition": world.ecs.register(page("second")),
            "deploymentConfiguration": {
                "strategy": "CANARY", "bakeTimeInMinutes": 60,
                "canaryConfiguration": { "canaryPercent": 25.0, "canaryBakeTimeInMinutes": 60 },
            },
        }));
        let shifting =
            story.wait("a canary gets requests", "lifecycleStage", "PRODUCTION_TRAFFIC_SHIFT");
        let target = &shifting["targetServiceRevision"];
        assert_eq!(target["requestedProductionTrafficWeight"], 25.0, "{shifting}");
        assert_eq!(target["requestedTestTrafficWeight"], 100.0, "{shifting}");
        until("the second version answers", || match story.answered_by_second(8) {
            0 => Err("only the first answers".to_owned()),
            _ => Ok(()),
        });
        // A quarter of 400: farther off than this is one time in millions.
        let second = story.answered_by_second(400);
        assert!((50..150).contains(&second), "{second} of 400");
        for _ in 0..8 {
            assert_eq!(story.get("x-test: 1\r\n").expect("an answer"), "second");
        }

        let arn = shifting["serviceDeploymentArn"].clone();
        let stop = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
        world.ecs.api.call("StopServiceDeployment", stop);
        story.wait("all is as it was", "status", "ROLLBACK_SUCCESSFUL");
        assert_eq!(story.answered_by_second(50), 0);
    });
    assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), failed.first());
    assert_eq!(service.wait_running(2).len(), 2);
}

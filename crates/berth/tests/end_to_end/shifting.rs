//! A canary under load: requests go where the listener's rules say, come back, and none of them fails.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use berth_test_engine::{Host, Network};
use berth_test_server::{Home, Process, Value, json, until};

use crate::ecs::{Ecs, one_container};
use crate::services::service::Service;

const PORT: u16 = 8080;
const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");
const EC2: (&str, &str) = ("ec2", "2016-11-15");
/// Of an infrastructure role, the one thing that matters here is whom it trusts.
const ROLE_FOR: &str = "ecs.amazonaws.com";

/// Processes first, the network last.
struct World {
    _proxy: Process,
    _agent: Process,
    _server: Process,
    ecs: Ecs,
    _homes: Vec<Home>,
    _host: Host,
    network: Network,
}

/// What the balancer is made of.
struct Front {
    groups: [String; 2],
    production: String,
    test: String,
}

impl World {
    fn start() -> Option<World> {
        let network = Network::for_test().expect("a network can be made")?;
        let host = network.host("one").expect("the host starts");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for one call");
        runtime.block_on(host.engine.load_demo_image()).expect("the engine takes the image");
        let program = env!("CARGO_BIN_EXE_berth");
        let home = Home::in_network(program, &network);
        let server = home.serving("server").start();
        let ecs = Ecs::of(&home);
        ecs.api.call("CreateCluster", json!({}));
        // A proxy is told private keys, so not without TLS.
        let endpoint = format!("https://{}", home.address());
        let agent_home = crate::host::home();
        let token = home.token(&[]);
        let agent = agent_home.joining_at(&endpoint).args(&["--token", &token]).on(&host).start();
        let (token, address) = (home.token(&[]), network.address().to_string());
        let proxy_home = Home::in_network(program, &network);
        let arguments = ["--token", &token, "--lb-address", &address];
        let proxy = proxy_home.balancing_at(&endpoint).args(&arguments).start();
        ecs.wait_for_hosts(1);
        Some(World {
            _proxy: proxy,
            _agent: agent,
            _server: server,
            ecs,
            _homes: vec![home, agent_home, proxy_home],
            _host: host,
            network,
        })
    }

    /// The contents of every such member of what is answered.
    fn all(
        &self,
        api: (&str, &str),
        action: &str,
        input: &[(&str, &str)],
        member: &str,
    ) -> Vec<String> {
        let answer = self.ecs.api.query(api.0, api.1, action, input);
        let (open, close) = (format!("<{member}>"), format!("</{member}>"));
        let parts = answer.split(&open).skip(1);
        parts.filter_map(|part| Some(part.split_once(&close)?.0.to_owned())).collect()
    }

    fn elb(&self, action: &str, input: &[(&str, &str)], member: &str) -> String {
        let found = self.all(ELB, action, input, member).into_iter().next();
        found.unwrap_or_else(|| panic!("{action}: no {member}"))
    }

    fn group(&self, name: &str, vpc: &str) -> String {
        let group = [
            ("Name", name),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("VpcId", vpc),
            ("HealthCheckIntervalSeconds", "5"),
            ("HealthCheckTimeoutSeconds", "2"),
            ("HealthyThresholdCount", "2"),
        ];
        let group = self.elb("CreateTargetGroup", &group, "TargetGroupArn");
        let delay = [
            ("TargetGroupArn", &*group),
            ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.1.Value", "2"),
        ];
        self.elb("ModifyTargetGroupAttributes", &delay, "Key");
        group
    }

    /// A balancer with two groups: the listener's default rule is for production, one for a header is for tests.
    fn front(&self) -> Front {
        let vpc = self.all(EC2, "DescribeVpcs", &[], "vpcId").remove(0);
        let subnets = self.all(EC2, "DescribeSubnets", &[], "subnetId");
        let balancer = [
            ("Name", "front"),
            ("Subnets.member.1", &*subnets[0]),
            ("Subnets.member.2", &*subnets[1]),
            ("Subnets.member.3", &*subnets[2]),
        ];
        let balancer = self.elb("CreateLoadBalancer", &balancer, "LoadBalancerArn");
        let groups = [self.group("one", &vpc), self.group("two", &vpc)];
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
        let listener = self.elb("CreateListener", &listener, "ListenerArn");
        let of_listener = [("ListenerArn", &*listener)];
        let production = self.elb("DescribeRules", &of_listener, "RuleArn");
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
        let test = self.elb("CreateRule", &rule, "RuleArn");
        Front { groups, production, test }
    }

    /// One request on a connection of its own; which version answers.
    fn get(&self, header: &str) -> io::Result<String> {
        let address = SocketAddr::from((self.network.address(), PORT));
        let mut connection = self.network.connect(address)?;
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
        let listed = self.ecs.api.call("ListServiceDeployments", json!({ "service": "web" }));
        let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].clone();
        let input = json!({ "serviceDeploymentArns": [arn] });
        let described = self.ecs.api.call("DescribeServiceDeployments", input);
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
    let Some(world) = World::start() else { return };
    let front = world.front();
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
    world.wait("the first version serves", "status", "SUCCESSFUL");
    // What was written is with the proxy a moment later.
    until("requests are answered", || world.get("").map_err(|error| error.to_string()));

    let failed = world.under_load(|| {
        service.update(json!({
            "taskDefinition": world.ecs.register(page("second")),
            "deploymentConfiguration": {
                "strategy": "CANARY", "bakeTimeInMinutes": 60,
                "canaryConfiguration": { "canaryPercent": 25.0, "canaryBakeTimeInMinutes": 60 },
            },
        }));
        let shifting =
            world.wait("a canary gets requests", "lifecycleStage", "PRODUCTION_TRAFFIC_SHIFT");
        let target = &shifting["targetServiceRevision"];
        assert_eq!(target["requestedProductionTrafficWeight"], 25.0, "{shifting}");
        assert_eq!(target["requestedTestTrafficWeight"], 100.0, "{shifting}");
        until("the second version answers", || match world.answered_by_second(8) {
            0 => Err("only the first answers".to_owned()),
            _ => Ok(()),
        });
        // A quarter of 400: farther off than this is one time in millions.
        let second = world.answered_by_second(400);
        assert!((50..150).contains(&second), "{second} of 400");
        for _ in 0..8 {
            assert_eq!(world.get("x-test: 1\r\n").expect("an answer"), "second");
        }

        let arn = shifting["serviceDeploymentArn"].clone();
        let stop = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
        world.ecs.api.call("StopServiceDeployment", stop);
        world.wait("all is as it was", "status", "ROLLBACK_SUCCESSFUL");
        assert_eq!(world.answered_by_second(50), 0);
    });
    assert!(failed.is_empty(), "{} failed: {:?}", failed.len(), failed.first());
    assert_eq!(service.wait_running(2).len(), 2);
}

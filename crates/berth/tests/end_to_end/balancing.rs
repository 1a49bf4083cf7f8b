//! A service behind a load balancer, on hosts of its own: no request fails while its tasks are exchanged.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use berth_test_engine::{Host, Network};
use berth_test_server::{Home, Process, Value, json};

use crate::ecs::{Ecs, one_container};
use crate::services::service::Service;

const PORT: u16 = 8080;
const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");
/// As every account has it.
const SUBNETS: [&str; 2] = ["subnet-0be5450000000000a", "subnet-0be5450000000000b"];
const VPC: &str = "vpc-0be54500000000001";

/// Processes first, the network last.
struct World {
    proxy: Process,
    _agents: Vec<Process>,
    _server: Process,
    ecs: Ecs,
    _homes: Vec<Home>,
    _hosts: Vec<Host>,
    network: Network,
}

impl World {
    fn start() -> Option<World> {
        let network = Network::for_test().expect("a network can be made")?;
        let hosts: Vec<Host> =
            network.hosts(["one", "two", "three"]).expect("the hosts start").into();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for a few calls");
        for host in &hosts {
            runtime.block_on(host.engine.load_demo_image()).expect("the engine takes the image");
        }
        let program = env!("CARGO_BIN_EXE_berth");
        let home = Home::in_network(program, &network);
        let server = home.serving("server").start();
        let ecs = Ecs::of(&home);
        ecs.api.call("CreateCluster", json!({}));
        // A proxy is told private keys, so not without TLS.
        let endpoint = format!("https://{}", home.address());
        let homes: Vec<Home> = hosts.iter().map(|_| crate::host::home()).collect();
        let agents = homes.iter().zip(&hosts).map(|(own, host)| {
            let token = home.token(&[]);
            own.joining_at(&endpoint).args(&["--token", &token]).on(host).start()
        });
        let agents = agents.collect();
        let (token, address) = (home.token(&[]), network.address().to_string());
        let proxy_home = Home::in_network(program, &network);
        let arguments = ["--token", &token, "--lb-address", &address];
        let proxy = proxy_home.balancing_at(&endpoint).args(&arguments).start();
        let homes = homes.into_iter().chain([home, proxy_home]).collect();
        ecs.wait_for_hosts(3);
        Some(World {
            proxy,
            _agents: agents,
            _server: server,
            ecs,
            _homes: homes,
            _hosts: hosts,
            network,
        })
    }

    /// What ELB answers about what was asked for, by the name of a member.
    fn elb(&self, action: &str, input: &[(&str, &str)], member: &str) -> String {
        let answer = self.ecs.api.query(ELB.0, ELB.1, action, input);
        let (open, close) = (format!("<{member}>"), format!("</{member}>"));
        let found = answer.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
        found.unwrap_or_else(|| panic!("{action}: no {member} in {answer}")).0.to_owned()
    }

    /// A balancer of one listener and one group, which is checked every few seconds; the group's ARN.
    fn balancer(&self) -> String {
        let balancer =
            [("Name", "front"), ("Subnets.member.1", SUBNETS[0]), ("Subnets.member.2", SUBNETS[1])];
        let balancer = self.elb("CreateLoadBalancer", &balancer, "LoadBalancerArn");
        let group = [
            ("Name", "web"),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("VpcId", VPC),
            ("HealthCheckIntervalSeconds", "5"),
            ("HealthCheckTimeoutSeconds", "2"),
        ];
        let group = self.elb("CreateTargetGroup", &group, "TargetGroupArn");
        let delay = [
            ("TargetGroupArn", &*group),
            ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.1.Value", "3"),
        ];
        self.elb("ModifyTargetGroupAttributes", &delay, "Key");
        let listener = [
            ("LoadBalancerArn", &*balancer),
            ("Protocol", "HTTP"),
            ("Port", &PORT.to_string()),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &*group),
        ];
        self.elb("CreateListener", &listener, "ListenerArn");
        group
    }

    /// One request on a connection of its own; what the page is.
    fn get(&self) -> io::Result<String> {
        let address = SocketAddr::from((self.network.address(), PORT));
        let mut connection = self.network.connect(address)?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        connection.write_all(b"GET / HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        match answer.starts_with("HTTP/1.1 200 ") {
            true => Ok(answer),
            false => Err(io::Error::other(answer)),
        }
    }

    /// What went wrong with requests while this was done, of how many.
    fn under_load(&self, act: impl FnOnce()) -> (usize, Vec<String>) {
        let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
        let failed = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        count.fetch_add(1, Ordering::Relaxed);
                        if let Err(error) = self.get() {
                            failed.lock().expect("nobody panics with it").push(error.to_string());
                        }
                    }
                });
            }
            act();
            is_over.store(true, Ordering::Relaxed);
        });
        (count.into_inner(), failed.into_inner().expect("nobody panicked with it"))
    }
}

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

#[test]
#[ignore = "its subnets are those of an earlier network: it has to ask EC2 for them"]
fn no_request_fails_while_a_deployment_rolls_over_three_hosts() {
    let Some(world) = World::start() else { return };
    let group = world.balancer();
    let first = world.ecs.register(page("first"));
    let behind = json!([{ "targetGroupArn": group, "containerName": "main", "containerPort": 80 }]);
    let refused = json!({
        "serviceName": "web", "taskDefinition": first, "desiredCount": 6,
        "loadBalancers": [{ "targetGroupArn": group, "containerName": "main", "containerPort": 81 }],
    });
    let refusal = world.ecs.api.refused("CreateService", refused);
    assert!(refusal.message.contains("did not have a container port 81 defined"), "{refusal:?}");
    let wanted = json!({ "taskDefinition": first, "desiredCount": 6, "loadBalancers": behind });
    let service = Service::create(&world.ecs, "web", wanted);
    let at_rest = service.wait("six tasks get requests", |service| is_at_rest(service, &first));
    assert_eq!(at_rest["loadBalancers"], behind);

    let second = world.ecs.register(page("second"));
    let (count, failed) = world.under_load(|| {
        service.update(json!({ "taskDefinition": second }));
        service.wait("the second revision is there", |service| is_at_rest(service, &second));
    });
    assert!(count > 0 && failed.is_empty(), "{} of {count}: {:?}", failed.len(), failed.first());

    // Stopped by hand, a task drains as well, and another one takes its place.
    let (count, failed) = world.under_load(|| {
        let task = service.tasks()[0]["taskArn"].clone();
        world.ecs.api.call("StopTask", json!({ "task": task }));
        world.ecs.wait(task.as_str().expect("an ARN"), "STOPPED");
        service.wait("there are six again", |service| is_at_rest(service, &second));
    });
    assert!(count > 0 && failed.is_empty(), "{} of {count}: {:?}", failed.len(), failed.first());

    let deleted = json!({ "service": "web", "force": true });
    world.ecs.api.call("DeleteService", deleted);
    service.wait("the service is gone", |service| service["status"] == "INACTIVE");
    let left =
        world.ecs.api.query(ELB.0, ELB.1, "DescribeTargetHealth", &[("TargetGroupArn", &group)]);
    assert!(!left.contains("<Target>"), "{left}");
    world.proxy.terminate();
}

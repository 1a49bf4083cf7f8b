//! A load balancer for a test, and targets that do as they are told.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use berth_test_server::{Api, Home, until};

const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");
const EC2: (&str, &str) = ("ec2", "2016-11-15");

/// At addresses of the test's own, so that no other test's is in its way.
pub const PORT: u16 = 8080;

/// A balancer with one listener, which forwards to one group.
pub struct Balancer {
    api: Api,
    pub arn: String,
    pub group: String,
}

impl Balancer {
    /// `kind` is `application` or `network`, `protocol` that of listener and group.
    pub fn new(home: &Home, kind: &str, protocol: &str) -> Balancer {
        let api = home.api();
        let subnets = all(&api.query(EC2.0, EC2.1, "DescribeSubnets", &[]), "subnetId");
        let vpc = all(&api.query(EC2.0, EC2.1, "DescribeVpcs", &[]), "vpcId").remove(0);
        // All there are: one in each zone.
        let names = (1..=subnets.len()).map(|number| format!("Subnets.member.{number}"));
        let named: Vec<(String, String)> = names.zip(subnets).collect();
        let named = named.iter().map(|(name, subnet)| (name.as_str(), subnet.as_str()));
        let balancer: Vec<_> =
            [("Name", "front"), ("Type", kind)].into_iter().chain(named).collect();
        let balancer = elb(&api, "CreateLoadBalancer", &balancer, "LoadBalancerArn");
        let group = [
            ("Name", "web"),
            ("Protocol", protocol),
            ("Port", "80"),
            ("VpcId", &*vpc),
            ("TargetType", "ip"),
        ];
        let group = elb(&api, "CreateTargetGroup", &group, "TargetGroupArn");
        let listener = [
            ("LoadBalancerArn", &*balancer),
            ("Protocol", protocol),
            ("Port", &PORT.to_string()),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &*group),
        ];
        elb(&api, "CreateListener", &listener, "ListenerArn");
        Balancer { api, arn: balancer, group }
    }

    /// Registers a target in this zone, and waits until it is found to be healthy.
    pub fn register(&self, target: SocketAddr, zone: &str) {
        let described = [
            ("TargetGroupArn", &*self.group),
            ("Targets.member.1.Id", &target.ip().to_string()),
            ("Targets.member.1.Port", &target.port().to_string()),
            ("Targets.member.1.AvailabilityZone", zone),
        ];
        self.api.query(ELB.0, ELB.1, "RegisterTargets", &described);
        let described = &described[..3];
        until("the target is healthy", || {
            let health = self.api.query(ELB.0, ELB.1, "DescribeTargetHealth", described);
            match all(&health, "State").iter().any(|state| state == "healthy") {
                true => Ok(()),
                false => Err(health),
            }
        });
    }

    pub fn delete(self) {
        let balancer = [("LoadBalancerArn", &*self.arn)];
        self.api.query(ELB.0, ELB.1, "DeleteLoadBalancer", &balancer);
    }

    /// As metrics name it.
    pub fn resource(&self) -> &str {
        self.arn.split_once(":loadbalancer/").expect("an ARN of a balancer").1
    }
}

fn elb(api: &Api, action: &str, input: &[(&str, &str)], member: &str) -> String {
    all(&api.query(ELB.0, ELB.1, action, input), member).remove(0)
}

/// What all elements of this name say.
fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&close)?.0.to_owned())).collect()
}

/// Answers every request with its name, those for `/slow` only once it is told to.
pub struct Target {
    pub address: SocketAddr,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    waiting: usize,
    is_open: bool,
}

impl Target {
    pub fn start(address: IpAddr, name: &'static str) -> Target {
        let listener = TcpListener::bind((address, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let gate = Arc::new(Gate::default());
        let shared = Arc::clone(&gate);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let gate = Arc::clone(&shared);
                let stream = stream.expect("nobody closes the listener");
                thread::spawn(move || answer(stream, name, &gate));
            }
        });
        Target { address, gate }
    }

    /// Waits until so many slow requests are under way.
    pub fn wait_for_slow(&self, count: usize) {
        let state = self.gate.state.lock().expect("nobody panics with it");
        let waited = self.gate.changed.wait_while(state, |state| state.waiting < count);
        drop(waited.expect("nobody panics with it"));
    }

    /// Slow requests are answered from now on.
    pub fn open(&self) {
        self.gate.state.lock().expect("nobody panics with it").is_open = true;
        self.gate.changed.notify_all();
    }
}

fn answer(mut stream: TcpStream, name: &str, gate: &Gate) {
    let (mut heard, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(length) => heard.extend_from_slice(&part[..length]),
        }
        while let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
            if heard.starts_with(b"GET /slow ") {
                let mut state = gate.state.lock().expect("nobody panics with it");
                state.waiting += 1;
                gate.changed.notify_all();
                let waited = gate.changed.wait_while(state, |state| !state.is_open);
                drop(waited.expect("nobody panics with it"));
            }
            // Plain TCP brings the client's own wish.
            let is_last = String::from_utf8_lossy(&heard[..end]).contains("Connection: close");
            heard.drain(..end + 4);
            let length = name.len();
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{name}");
            if stream.write_all(text.as_bytes()).is_err() || is_last {
                return;
            }
        }
    }
}

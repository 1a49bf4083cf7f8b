//! Hosts, a server and a proxy in a network of their own.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use berth_test_engine::{Host, Network};
use berth_test_server::{Home, Process, Value, json, members};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::CertificateDer;

use super::load::Load;
use crate::ecs::Ecs;

const NAME: &str = "front.example.com";
const PORT: u16 = 8080;
const TLS_PORT: u16 = 8443;
const EC2: (&str, &str) = ("ec2", "2016-11-15");
const ELB: (&str, &str) = ("elasticloadbalancing", "2015-12-01");

/// Processes first, the network last.
pub struct World {
    pub proxy: Process,
    agents: BTreeMap<&'static str, Process>,
    _server: Process,
    pub ecs: Ecs,
    _homes: Vec<Home>,
    hosts: BTreeMap<&'static str, Host>,
    network: Network,
}

/// What was made in front of a service.
pub struct Balancer {
    pub group: String,
    certificate: CertificateDer<'static>,
}

impl World {
    /// `None` where there can be no engine, which is said then.
    pub fn start<const HOSTS: usize>(names: [&'static str; HOSTS]) -> Option<World> {
        let network = Network::for_test().expect("a network can be made")?;
        let hosts: BTreeMap<_, _> =
            names.into_iter().zip(network.hosts(names).expect("the hosts start")).collect();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for a few calls");
        for host in hosts.values() {
            runtime.block_on(host.engine.load_demo_image()).expect("the engine takes the image");
        }
        let program = env!("CARGO_BIN_EXE_berth");
        let home = Home::in_network(program, &network);
        // A dead host is known for one within the time that a test waits: until then it still gets tasks.
        let patience = ["--agent-silence", "10s", "--lost-after", "5s"];
        let server = home.serving("server").args(&patience).start();
        let ecs = Ecs::of(&home);
        ecs.api.call("CreateCluster", json!({}));
        // A proxy is told private keys, so not without TLS.
        let endpoint = format!("https://{}", home.address());
        let mut homes = Vec::new();
        let mut agents = BTreeMap::new();
        for (name, host) in &hosts {
            let (own, token) = (crate::host::home(), home.token(&[]));
            let attribute = format!("name={name}");
            let arguments = ["--token", &token, "--attribute", &attribute];
            agents.insert(*name, own.joining_at(&endpoint).args(&arguments).on(host).start());
            homes.push(own);
        }
        let (token, address) = (home.token(&[]), network.address().to_string());
        let proxy_home = Home::in_network(program, &network);
        let arguments = ["--token", &token, "--lb-address", &address];
        let proxy = proxy_home.balancing_at(&endpoint).args(&arguments).start();
        homes.extend([home, proxy_home]);
        ecs.wait_for_hosts(HOSTS as u64);
        Some(World { proxy, agents, _server: server, ecs, _homes: homes, hosts, network })
    }

    /// A balancer of two listeners and one group. It notices within a few seconds who is gone, and gives up on whom it waits for.
    pub fn balancer(&self) -> Balancer {
        let (balancer, group) = (self.load_balancer(), self.group("web"));
        let patience = [
            ("LoadBalancerArn", &*balancer),
            ("Attributes.member.1.Key", "idle_timeout.timeout_seconds"),
            ("Attributes.member.1.Value", "5"),
        ];
        self.elb("ModifyLoadBalancerAttributes", &patience, "Key");
        let key = KeyPair::generate().expect("a key is made");
        let own = CertificateParams::new([NAME.to_owned()]).expect("the name is one");
        let own = own.self_signed(&key).expect("it signs");
        let imported = self.ecs.api.json(
            "acm",
            "CertificateManager.ImportCertificate",
            &json!({ "Certificate": BASE64.encode(own.pem()), "PrivateKey": BASE64.encode(key.serialize_pem()) }),
        );
        let certificate = imported["CertificateArn"].as_str().expect("it has one");
        let listener = |protocol: &'static str, port: u16, more: &[(&str, &str)]| {
            let port = port.to_string();
            let all = [
                &[
                    ("LoadBalancerArn", &*balancer),
                    ("Protocol", protocol),
                    ("Port", &port),
                    ("DefaultActions.member.1.Type", "forward"),
                    ("DefaultActions.member.1.TargetGroupArn", &*group),
                ],
                more,
            ];
            self.elb("CreateListener", &all.concat(), "ListenerArn");
        };
        listener("HTTP", PORT, &[]);
        listener("HTTPS", TLS_PORT, &[("Certificates.member.1.CertificateArn", certificate)]);
        Balancer { group, certificate: own.der().clone() }
    }

    /// One of no listeners yet.
    pub fn load_balancer(&self) -> String {
        let subnets = members(&self.query(EC2, "DescribeSubnets", &[]), "subnetId");
        let balancer = [
            ("Name", "front"),
            ("Subnets.member.1", &*subnets[0]),
            ("Subnets.member.2", &*subnets[1]),
        ];
        self.elb("CreateLoadBalancer", &balancer, "LoadBalancerArn")
    }

    /// A target group that is checked every few seconds, and drained in as many.
    pub fn group(&self, name: &str) -> String {
        let vpc = members(&self.query(EC2, "DescribeVpcs", &[]), "vpcId").swap_remove(0);
        let group = [
            ("Name", name),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("VpcId", &*vpc),
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
        group
    }

    /// A connection to a port of the proxy.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        self.network.connect(SocketAddr::from((self.network.address(), port)))
    }

    pub fn load(&self, balancer: &Balancer) -> Load {
        let at = |port: u16| SocketAddr::from((self.network.address(), port));
        Load {
            network: self.network.clone(),
            plain: at(PORT),
            tls: at(TLS_PORT),
            name: NAME,
            certificate: balancer.certificate.clone(),
        }
    }

    /// The targets of the group and how they stand.
    pub fn health(&self, balancer: &Balancer) -> Vec<(String, String)> {
        let group = [("TargetGroupArn", &*balancer.group)];
        let answer = self.query(ELB, "DescribeTargetHealth", &group);
        let health = members(&answer, "TargetHealth");
        // Overrides have states, too.
        let states = health.iter().map(|health| members(health, "State").swap_remove(0));
        members(&answer, "Id").into_iter().zip(states).collect()
    }

    /// What a host is known by as a target.
    pub fn instance_id(&self, host: &str) -> String {
        let listed = self.ecs.api.call("ListContainerInstances", json!({}));
        let arns = json!({ "containerInstances": listed["containerInstanceArns"] });
        let described = self.ecs.api.call("DescribeContainerInstances", arns);
        let instances = described["containerInstances"].as_array().expect("a list");
        let is_it = |instance: &&Value| {
            let attributes = instance["attributes"].as_array().expect("a list");
            attributes.iter().any(|has| has["name"] == "name" && has["value"] == host)
        };
        let instance = instances.iter().find(is_it).expect("it has joined");
        instance["ec2InstanceId"].as_str().expect("it is one").to_owned()
    }

    /// The power fails on a host, for good.
    pub fn destroy(&mut self, host: &str) {
        let agent = self.agents.remove(host).expect("there is such a host");
        self.hosts.remove(host).expect("it has not been destroyed").destroy().expect("it can be");
        agent.kill();
    }

    /// What the first member of this name says of what ELB answers.
    pub fn elb(&self, action: &str, input: &[(&str, &str)], member: &str) -> String {
        let answer = self.query(ELB, action, input);
        let found = members(&answer, member).into_iter().next();
        found.unwrap_or_else(|| panic!("{action}: no {member} in {answer}"))
    }

    fn query(&self, api: (&str, &str), action: &str, input: &[(&str, &str)]) -> String {
        self.ecs.api.query(api.0, api.1, action, input)
    }
}

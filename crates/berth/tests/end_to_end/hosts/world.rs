//! A server and hosts that have joined it, each with Docker and an agent of its own.

use berth_test_engine::{Host, Network};
use berth_test_server::{Home, Process, Value, json, until};

use crate::ecs::{Ecs, one_container, text};
use crate::host::docker;

/// Dropped, it takes everything with it. The processes come first.
pub struct World {
    _server: Process,
    pub ecs: Ecs,
    home: Home,
    pub hosts: Vec<Member>,
}

/// A host that has joined.
pub struct Member {
    agent: Option<Process>,
    /// Its container instance.
    pub instance: String,
    home: Home,
    pub host: Host,
}

/// A task definition of one container that goes on until it is told to end.
pub fn lasting() -> Value {
    one_container("lasting", json!({ "command": ["sleep", "3600"] }))
}

impl World {
    /// `None` where there can be no hosts, which is said then. `options` are the server's.
    pub fn start<const N: usize>(names: [&str; N], options: &[&str]) -> Option<World> {
        let network = Network::for_test().expect("a network can be made")?;
        let hosts = network.hosts(names).expect("the hosts start");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for a few calls");
        for host in &hosts {
            runtime.block_on(host.engine.load_demo_image()).expect("the engine takes the image");
        }
        let home = Home::in_network(env!("CARGO_BIN_EXE_berth"), &network);
        let server = home.serving("server").args(options).start();
        let ecs = Ecs::of(&home);
        ecs.api.call("CreateCluster", json!({}));
        let join = |host: Host| {
            let mut member =
                Member { agent: None, instance: String::new(), home: crate::host::home(), host };
            member.start_agent(&home);
            member
        };
        let mut hosts: Vec<Member> = hosts.into_iter().map(join).collect();
        ecs.wait_for_hosts(N as u64);
        for member in &mut hosts {
            let name = member.host.name();
            let filter = format!("attribute:test.host == {name}");
            let listed = ecs.api.call("ListContainerInstances", json!({ "filter": filter }));
            member.instance = text(&listed["containerInstanceArns"][0]);
        }
        Some(World { _server: server, ecs, home, hosts })
    }

    /// `kill -9` of a host's agent, and another one.
    pub fn restart_agent(&mut self, host: usize) {
        let member = &mut self.hosts[host];
        // Dropping is killing.
        member.agent = None;
        member.start_agent(&self.home);
    }

    /// The ARN of a task that is to run on this host.
    #[track_caller]
    pub fn start_on(&self, member: &Member, definition: Value) -> String {
        let definition = self.ecs.register(definition);
        let input =
            json!({ "taskDefinition": definition, "containerInstances": [member.instance] });
        let answer = self.ecs.api.call("StartTask", input);
        assert_eq!(answer["failures"], json!([]), "{} takes it", member.host.name());
        text(&answer["tasks"][0]["taskArn"])
    }
}

impl World {
    /// As DescribeContainerInstances shows it.
    #[track_caller]
    pub fn instance(&self, arn: &str) -> Value {
        let input = json!({ "containerInstances": [arn] });
        let mut answer = self.ecs.api.call("DescribeContainerInstances", input);
        assert_eq!(answer["failures"], json!([]), "{arn} is known");
        answer["containerInstances"][0].take()
    }

    #[track_caller]
    pub fn wait_connected(&self, instance: &str, is_connected: bool) {
        until("the agent is connected, or is not", || {
            let instance = self.instance(instance);
            let is_so = instance["agentConnected"] == is_connected;
            if is_so { Ok(()) } else { Err(instance.to_string()) }
        });
    }
}

impl Member {
    /// The host is gone for good, without a word, and its agent with it.
    pub fn destroy(self) {
        self.host.destroy().expect("nothing is left of it");
    }

    fn start_agent(&mut self, control_plane: &Home) {
        let attribute = format!("test.host={}", self.host.name());
        let launch = self.home.agent_of(control_plane).args(&["--attribute", &attribute]);
        self.agent = Some(launch.on(&self.host).start());
    }

    /// The ids of the containers that run there, whatever its agent knows.
    pub fn running(&self) -> Vec<String> {
        let printed = docker(&self.host.engine, &["ps", "--quiet", "--no-trunc"]);
        printed.lines().map(str::to_owned).collect()
    }
}

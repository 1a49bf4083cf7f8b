//! A server and hosts that have joined it, each with Docker and an agent of its own.

use berth_test_engine::{Host, Network};
use berth_test_server::{Home, Process, Value, json, until};

use crate::ecs::{Ecs, one_container, text};
use crate::host::docker;

/// Dropped, it takes everything with it. The processes come first.
pub struct World {
    server: Option<Process>,
    options: Vec<String>,
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
        let mut world = World::prepare(names, options)?;
        let hosts = 0..N;
        hosts.clone().for_each(|host| world.start_agent(host));
        hosts.for_each(|host| world.wait_joined(host));
        Some(world)
    }

    /// The same, but no host has joined yet.
    pub fn prepare<const N: usize>(names: [&str; N], options: &[&str]) -> Option<World> {
        let network = Network::for_test().expect("a network can be made")?;
        let hosts = network.hosts(names).expect("the hosts start");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime for a few calls");
        for host in &hosts {
            runtime.block_on(host.engine.load_demo_image()).expect("the engine takes the image");
        }
        let home = Home::in_network(env!("CARGO_BIN_EXE_berth"), &network);
        let server = Some(home.serving("server").args(options).start());
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let ecs = Ecs::of(&home);
        ecs.api.call("CreateCluster", json!({}));
        let member = |host: Host| {
            let home = crate::host::home();
            Member { agent: None, instance: String::new(), home, host }
        };
        let hosts = hosts.into_iter().map(member).collect();
        Some(World { server, options, ecs, home, hosts })
    }

    pub fn join(&mut self, host: usize) {
        self.start_agent(host);
        self.wait_joined(host);
    }

    fn start_agent(&mut self, host: usize) {
        self.hosts[host].start_agent(&self.home);
    }

    fn wait_joined(&mut self, host: usize) {
        let name = self.hosts[host].host.name();
        let filter = format!("attribute:test.host == {name} and agentConnected == true");
        let instance = until("the host has joined", || {
            let listed = self.ecs.api.call("ListContainerInstances", json!({ "filter": filter }));
            let found = listed["containerInstanceArns"].get(0).map(text);
            found.ok_or_else(|| listed.to_string())
        });
        self.hosts[host].instance = instance;
    }

    /// `kill -9` of the server.
    pub fn kill_server(&mut self) {
        // Dropping is killing.
        self.server = None;
    }

    /// Another one, with what the former left.
    pub fn start_server(&mut self) {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.server = Some(self.home.serving("server").args(&options).start());
    }

    /// `kill -9` of a host's agent, and another one.
    pub fn restart_agent(&mut self, host: usize) {
        // Dropping is killing.
        self.hosts[host].agent = None;
        self.start_agent(host);
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

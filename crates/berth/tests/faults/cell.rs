//! Three servers, three members of etcd and an agent, in a network of their own.

use std::sync::Arc;
use std::time::Duration;

use berth_test_engine::{Machine, Network};
use berth_test_etcd::{Cluster, Enter, Options, Place};
use berth_test_server::{Api, CallError, Home, Process, Value, json, until};
use http::Request;

pub const SERVERS: [usize; 3] = [0, 1, 2];
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_berth");
/// Two files of etcd's log, and what is in its database.
const DISK_MIB: u32 = 256;

/// After this a client takes a server for lost, and goes to another.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where tasks of the load run.
pub const CLUSTER: &str = "load";

/// Processes first: they are gone before their data is, and the network last.
pub struct Cell {
    agent: Option<Process>,
    servers: Vec<Option<Process>>,
    pub etcd: Cluster,
    homes: Vec<Home>,
    agent_home: Home,
    machines: Vec<Arc<Machine>>,
    members: Vec<Arc<Machine>>,
    network: Network,
    lease: Duration,
}

impl Cell {
    /// With a host on which tasks run. `None` where it cannot be, which is said then.
    pub fn start(lease: Duration) -> Option<Cell> {
        let network = Network::for_test().expect("a network can be made")?;
        let machine = |name: String| Arc::new(network.machine(&name, DISK_MIB).expect("a machine"));
        let members: Vec<_> = SERVERS.map(|number| machine(format!("etcd-{number}"))).into();
        let machines: Vec<_> = SERVERS.map(|number| machine(format!("server-{number}"))).into();
        let place = |machine: &Arc<Machine>| {
            let (address, disk, machine) = (machine.address(), machine.disk(), machine.clone());
            Place { address, disk, enter: Arc::new(move |program| machine.command(program)) }
        };
        let places: Vec<Place> = members.iter().map(place).collect();
        let (options, inside) = (Options { members: 3, ..Options::default() }, network.clone());
        let outside: Enter = Arc::new(move |program| inside.command(program));
        let etcd = options.start_at(&places, outside)?;
        let home = |machine| Home::on_machine(PROGRAM, &network, machine);
        let homes: Vec<Home> = machines.iter().map(home).collect();
        let agent_home = Home::in_network(PROGRAM, &network);
        let servers = vec![None, None, None];
        let agent = None;
        let mut cell =
            Cell { agent, servers, etcd, homes, agent_home, machines, members, network, lease };
        let root_key = cell.root_key();
        let mut add = cell.homes[0].command(&["root-key", "--root-key-file", &root_key, "add"]);
        assert!(add.status().expect("the binary runs").success());
        SERVERS.iter().for_each(|server| cell.launch(*server));
        cell.leader();
        cell.join();
        Some(cell)
    }

    /// Starts a server and waits until it is ready.
    pub fn launch(&mut self, server: usize) {
        let etcd = format!("etcd://{}", self.etcd.endpoints().join(","));
        let (advertise, root_key) = (self.url(server), self.root_key());
        let lease = format!("{}s", self.lease.as_secs());
        let configuration = self.configuration();
        let started = self.homes[server]
            .serving("server")
            .args(&["--config", &configuration])
            .args(&["--store", &etcd, "--advertise", &advertise, "--lease", &lease])
            .args(&["--root-key-file", &root_key, "--rate-limits", "off"])
            .start();
        self.servers[server] = Some(started);
    }

    /// Servers whose clients write for an hour: each write makes a cluster, and none goes.
    fn configuration(&self) -> String {
        let file = self.homes[0].path().join("berth.toml");
        std::fs::write(&file, "[server.limits]\nclusters = 10000000\n").expect("a file is written");
        file.display().to_string()
    }

    /// The process of a server, to be ended.
    pub fn take(&mut self, server: usize) -> Process {
        self.servers[server].take().expect("it runs")
    }

    pub fn server(&self, server: usize) -> &Process {
        self.servers[server].as_ref().expect("it runs")
    }

    pub fn lease(&self) -> Duration {
        self.lease
    }

    pub fn machine(&self, server: usize) -> &Machine {
        &self.machines[server]
    }

    pub fn members(&self) -> &[Arc<Machine>] {
        &self.members
    }

    /// A client of each server.
    pub fn apis(&self) -> Vec<Api> {
        self.homes.iter().map(|home| Api { patience: PATIENCE, ..home.api() }).collect()
    }

    /// The server that leads now that all know of it and have all that there is.
    #[track_caller]
    pub fn leader(&self) -> usize {
        self.leader_among(&SERVERS)
    }

    #[track_caller]
    pub fn leader_among(&self, servers: &[usize]) -> usize {
        until("a server leads", || {
            let told: Vec<Value> = servers.iter().map(|server| self.told(*server)).collect();
            let leads = servers.iter().zip(&told).find(|(_, told)| told["standing"] == "leading");
            let leader = leads.map(|(server, _)| *server);
            let agreed = |leader: usize| {
                let told = servers.iter().zip(&told);
                told.into_iter().all(|(server, told)| {
                    let follows = *server == leader || told["standing"] == "following";
                    follows && told["leader"] == self.url(leader) && told["behind"] != Value::Null
                })
            };
            leader.filter(|leader| agreed(*leader)).ok_or_else(|| format!("{told:?}"))
        })
    }

    /// What this server's health says of the cell.
    pub fn told(&self, server: usize) -> Value {
        let (api, address) = (self.homes[server].api(), self.homes[server].address());
        let request = Request::get("/health").header("host", address.to_string());
        let answer = api.send(request.body(Default::default()).expect("it is a request"));
        let body = answer.map(|answer| serde_json::from_slice::<Value>(answer.body()));
        body.ok().and_then(Result::ok).map_or(Value::Null, |body| body["cell"].clone())
    }

    fn join(&mut self) {
        let api = self.homes[0].api();
        let token = self.homes[0].token(&[]);
        persistently(&api, "CreateCluster", &json!({ "clusterName": CLUSTER }));
        let urls = SERVERS.map(|server| self.url(server)).join(",");
        let agent = self.agent_home.joining_at(&urls);
        let arguments = ["--cluster", CLUSTER, "--runtime", "fake", "--token", &token];
        let network = self.network.command(PROGRAM);
        self.agent = Some(agent.args(&arguments).through(network).start());
        until("the host has joined", || {
            let listed =
                persistently(&api, "ListContainerInstances", &json!({ "cluster": CLUSTER }));
            let joined = listed["containerInstanceArns"].as_array().is_some_and(|it| it.len() == 1);
            if joined { Ok(()) } else { Err(listed.to_string()) }
        });
    }

    fn root_key(&self) -> String {
        self.homes[0].path().join("cell-root-key").display().to_string()
    }

    fn url(&self, server: usize) -> String {
        format!("https://{}", self.homes[server].address())
    }
}

/// As an SDK does: what a server says that passes is tried again.
#[track_caller]
pub fn persistently(api: &Api, operation: &str, input: &Value) -> Value {
    until("it is done", || match api.try_call(operation, input) {
        Err(CallError::Refused(refusal)) if refusal.status < 500 => {
            panic!("{operation} {input}: {refusal:?}")
        }
        outcome => outcome.map_err(|error| error.to_string()),
    })
}

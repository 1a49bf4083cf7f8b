//! Three servers on one etcd: any of them takes any request, and losing the one that writes stops nobody for long.

use std::time::Instant;

use berth_test_etcd::{Cluster, Options};
use berth_test_server::{Api, CallError, Home, Process, Value, get, json, until};

use crate::ecs::{Ecs, one_container};
use crate::host::Host;

struct Cell {
    /// Processes first: they are gone before their data is.
    servers: Vec<Option<Process>>,
    homes: Vec<Home>,
    etcd: Cluster,
}

impl Cell {
    /// `None` where there is no etcd, which is said then.
    fn start() -> Option<Cell> {
        let etcd = Options::default().start()?;
        let home = || Home::at_known_address(env!("CARGO_BIN_EXE_berth"));
        let homes: Vec<Home> = (0..3).map(|_| home()).collect();
        let mut cell = Cell { servers: vec![None, None, None], homes, etcd };
        let root_key = cell.root_key();
        let mut add = cell.homes[0].command(&["root-key", "--root-key-file", &root_key, "add"]);
        assert!(add.status().expect("the binary runs").success());
        (0..3).for_each(|server| cell.launch(server));
        Some(cell)
    }

    fn root_key(&self) -> String {
        self.homes[0].path().join("cell-root-key").display().to_string()
    }

    fn launch(&mut self, server: usize) {
        let home = &self.homes[server];
        let etcd = format!("etcd://{}", self.etcd.endpoints().join(","));
        let (advertise, root_key) = (self.url(server), self.root_key());
        let started = home
            .serving("server")
            .args(&["--store", &etcd, "--advertise", &advertise, "--lease", "2s"])
            .args(&["--root-key-file", &root_key])
            .start();
        self.servers[server] = Some(started);
    }

    fn url(&self, server: usize) -> String {
        format!("https://{}", self.homes[server].address())
    }

    fn urls(&self) -> String {
        (0..3).map(|server| self.url(server)).collect::<Vec<_>>().join(",")
    }

    fn api(&self, server: usize) -> Api {
        self.homes[server].api()
    }

    /// What this server's health says of the cell.
    fn told(&self, server: usize) -> Value {
        let answer = get(self.homes[server].address(), "/health");
        let body = answer.map(|answer| serde_json::from_slice::<Value>(answer.body()));
        body.ok().and_then(Result::ok).map_or(Value::Null, |body| body["cell"].clone())
    }

    /// Waits until one of these servers leads, and both know it.
    #[track_caller]
    fn leader_among(&self, servers: &[usize]) -> usize {
        until("a server leads", || {
            let told: Vec<Value> = servers.iter().map(|server| self.told(*server)).collect();
            let leads = servers.iter().zip(&told).find(|(_, told)| told["standing"] == "leading");
            let leader = leads.map(|(server, _)| *server);
            let agreed = |leader: usize| {
                told.iter().all(|told| told["leader"] == self.url(leader) && told["behind"] == 0)
            };
            leader.filter(|leader| agreed(*leader)).ok_or_else(|| format!("{told:?}"))
        })
    }
}

/// As an SDK does: what a server says that passes is tried again.
#[track_caller]
fn persistently(api: &Api, operation: &str, input: &Value) -> Value {
    until("it is done", || match api.try_call(operation, input) {
        Err(CallError::Refused(refusal)) if refusal.status < 500 => panic!("{refusal:?}"),
        outcome => outcome.map_err(|error| format!("{error:?}")),
    })
}

fn clusters(api: &Api) -> Vec<String> {
    let listed = persistently(api, "ListClusters", &json!({}));
    let arns = listed["clusterArns"].as_array().expect("a list").iter();
    let name = |arn: &Value| Some(arn.as_str()?.rsplit('/').next()?.to_owned());
    arns.filter_map(name).collect()
}

#[test]
fn three_servers_are_one_for_their_clients() {
    let Some(mut cell) = Cell::start() else { return };
    let leader = cell.leader_among(&[0, 1, 2]);
    let others: Vec<usize> = (0..3).filter(|server| *server != leader).collect();
    let keys: Vec<String> = cell.homes.iter().map(|home| home.key().id).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "one administrator: {keys:?}");

    for turn in 0..9 {
        let name = format!("cluster-{turn}");
        cell.api(turn % 3).call("CreateCluster", json!({ "clusterName": name }));
        for server in 0..3 {
            assert!(clusters(&cell.api(server)).contains(&name), "{server} has not {name}");
        }
    }

    // The leader is killed: another leads, and nothing is lost.
    cell.servers[leader].take().expect("it runs").kill();
    let begun = Instant::now();
    persistently(&cell.api(others[0]), "CreateCluster", &json!({ "clusterName": "after-kill" }));
    eprintln!("written {:?} after kill -9, with a lease of 2 s", begun.elapsed());
    let next = cell.leader_among(&others);
    assert_eq!(clusters(&cell.api(others[1])).len(), 10);

    // It comes back, and follows.
    cell.launch(leader);
    cell.leader_among(&[0, 1, 2]);
    assert_eq!(clusters(&cell.api(leader)).len(), 10);

    // The next one is asked to stop, and hands over.
    let begun = Instant::now();
    let terminated = cell.servers[next].take().expect("it runs");
    let stopping = std::thread::spawn(move || terminated.terminate());
    persistently(&cell.api(leader), "CreateCluster", &json!({ "clusterName": "after-term" }));
    eprintln!("written {:?} after SIGTERM", begun.elapsed());
    assert!(stopping.join().expect("it was waited for").success());
    let left: Vec<usize> = (0..3).filter(|server| *server != next).collect();
    cell.leader_among(&left);
    assert_eq!(clusters(&cell.api(left[0])).len(), 11);
}

#[test]
fn containers_do_not_notice_that_their_leader_was_lost() {
    let Some(host) = Host::for_test() else { return };
    let Some(mut cell) = Cell::start() else { return };
    let leader = cell.leader_among(&[0, 1, 2]);
    let other = (leader + 1) % 3;
    let ecs = Ecs { api: cell.api(other) };
    ecs.api.call("CreateCluster", json!({}));
    let token = cell.homes[other].token(&[]);
    let agent = host.agent_home.joining_at(&cell.urls()).args(&["--token", &token]);
    let _agent = host.with_engine(agent).start();
    ecs.wait_for_hosts(1);
    let definition = one_container("steady", json!({}));
    ecs.api.call("RegisterTaskDefinition", definition);
    let run = json!({ "taskDefinition": "steady" });
    let first = persistently(&ecs.api, "RunTask", &run)["tasks"][0]["taskArn"].clone();
    let running = |arn: &Value| {
        until("the task runs", || {
            let described = persistently(&ecs.api, "DescribeTasks", &json!({ "tasks": [arn] }));
            let task = described["tasks"][0].clone();
            if task["lastStatus"] == "RUNNING" { Ok(task) } else { Err(task.to_string()) }
        })
    };
    let before = host.inspect(&running(&first));

    cell.servers[leader].take().expect("it runs").kill();
    // Only an agent that has found the new leader can start this one.
    let second = persistently(&ecs.api, "RunTask", &run)["tasks"][0]["taskArn"].clone();
    running(&second);
    let after = host.inspect(&running(&first));
    assert_eq!(before["State"]["StartedAt"], after["State"]["StartedAt"]);
    assert_eq!(before["State"]["Pid"], after["State"]["Pid"]);
    assert_eq!(host.running().len(), 2, "none was started twice");
}

#[test]
fn one_of_several_servers_says_what_it_needs_to_be_told() {
    let home = Home::at_known_address(env!("CARGO_BIN_EXE_berth"));
    let refused = |arguments: &[&str]| {
        let base = ["server", "--listen", "127.0.0.1:0", "--store", "etcd://127.0.0.1:1"];
        let output = home.command(&[&base, arguments].concat()).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(refused(&[]).contains("--advertise"));
    let url = ["--advertise", "https://10.0.0.1:4566"];
    assert!(refused(&url).contains("--root-key-file"));
    let plain = ["--advertise", "http://10.0.0.1:4566"];
    assert!(refused(&plain).contains("--plain-http always"));
}

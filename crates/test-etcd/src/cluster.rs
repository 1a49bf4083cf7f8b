//! Members that know each other.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::certificates::Certificates;
use crate::home::{Home, addresses};
use crate::member::Member;
use crate::place::{Enter, Place};

const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Ports are free when they are looked for, and may be somebody else's a moment later.
const TRIES: usize = 3;

/// What kind of cluster is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    pub members: usize,
    /// Whether what is acknowledged is on the disk: slow, and of no use to tests that never lose power.
    pub durable: bool,
    /// Clients have to speak TLS, and to have a certificate.
    pub tls: bool,
    /// The space quota, if not etcd's own.
    pub quota_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options { members: 1, durable: false, tls: false, quota_bytes: None }
    }
}

/// A running cluster. Dropping it ends it and removes its data.
pub struct Cluster {
    members: Vec<Member>,
    certificates: Option<Certificates>,
    /// From where all of them are reached.
    outside: Enter,
    home: Home,
}

impl Options {
    /// Starts a cluster and waits until it is healthy. None, and a word about it, if this machine has no etcd.
    #[track_caller]
    pub fn start(&self) -> Option<Cluster> {
        let beside_us: Enter = Arc::new(|program| Command::new(program));
        self.start_at(&[], beside_us)
    }

    /// The same, with a member at each of these places; all of them are reached from `outside`.
    #[track_caller]
    pub fn start_at(&self, places: &[Place], outside: Enter) -> Option<Cluster> {
        for program in ["etcd", "etcdctl", "setpriv"] {
            let argument = if program == "etcdctl" { "version" } else { "--version" };
            let mut asked = Command::new(program);
            asked.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
            if !asked.status().is_ok_and(|status| status.success()) {
                // Set by scripts/test, which has installed them.
                let required =
                    std::env::var_os("BERTH_REQUIRE_CLIENTS").is_some_and(|value| value != "0");
                assert!(!required, "no `{program}` here, and it is required");
                eprintln!("SKIPPED: no `{program}` here; scripts/install-test-needs brings it");
                return None;
            }
        }
        let mut tries = if places.is_empty() { TRIES } else { 1 };
        loop {
            let mut cluster = self.launch(places, outside.clone());
            tries -= 1;
            match cluster.becomes_healthy() {
                Ok(()) => return Some(cluster),
                Err(log) if tries > 0 && log.contains("address already in use") => {}
                Err(log) => panic!("etcd does not become healthy:\n{log}"),
            }
        }
    }

    fn launch(&self, places: &[Place], outside: Enter) -> Cluster {
        let home = Home::new();
        let addresses: Vec<_> = match places {
            [] => {
                let free = addresses(2 * self.members);
                free.chunks(2).map(|two| (two[0], two[1])).collect()
            }
            places => places.iter().map(Place::addresses).collect(),
        };
        let certificates = self.tls.then(|| {
            let names: Vec<String> =
                addresses.iter().map(|(client, _)| client.ip().to_string()).collect();
            Certificates::new(&names)
        });
        if let Some(certificates) = &certificates {
            certificates.write(home.path());
        }
        let scheme = if self.tls { "https" } else { "http" };
        let peers: Vec<String> = (0..)
            .zip(&addresses)
            .map(|(number, (_, peer)): (usize, _)| format!("m{number}=http://{peer}"))
            .collect();
        let members = (0..).zip(&addresses).map(|(number, (client, peer)): (usize, _)| {
            let file = |name: &str| home.path().join(name).display().to_string();
            let place = places.get(number);
            let data = place.map_or(home.path(), |place| place.disk.as_path());
            let mut arguments = vec![
                format!("--name=m{number}"),
                format!("--data-dir={}", data.join(format!("m{number}")).display()),
                format!("--listen-client-urls={scheme}://{client}"),
                format!("--advertise-client-urls={scheme}://{client}"),
                format!("--listen-peer-urls=http://{peer}"),
                format!("--initial-advertise-peer-urls=http://{peer}"),
                format!("--initial-cluster={}", peers.join(",")),
                "--logger=zap".to_owned(),
                "--log-level=warn".to_owned(),
                // Tests wait for elections, and leases may not be shorter than they take.
                "--heartbeat-interval=20".to_owned(),
                "--election-timeout=200".to_owned(),
            ];
            if !self.durable {
                arguments.push("--unsafe-no-fsync".to_owned());
            }
            if let Some(bytes) = self.quota_bytes {
                arguments.push(format!("--quota-backend-bytes={bytes}"));
            }
            if self.tls {
                arguments.extend([
                    "--client-cert-auth".to_owned(),
                    format!("--trusted-ca-file={}", file("ca.pem")),
                    format!("--cert-file={}", file("server.pem")),
                    format!("--key-file={}", file("server.key")),
                ]);
            }
            let log = home.path().join(format!("m{number}.log"));
            let enter = place.map_or_else(|| outside.clone(), |place| place.enter.clone());
            Member::new(client.to_string(), enter, arguments, log)
        });
        Cluster { members: members.collect(), certificates, outside: outside.clone(), home }
    }
}

impl Cluster {
    /// `HOST:PORT` of each member's side for clients.
    pub fn endpoints(&self) -> Vec<String> {
        self.members.iter().map(|member| member.client.clone()).collect()
    }

    /// Those of a cluster with TLS.
    #[track_caller]
    pub fn certificates(&self) -> &Certificates {
        self.certificates.as_ref().expect("it speaks TLS")
    }

    /// `kill -9`.
    pub fn kill(&mut self, member: usize) {
        self.members[member].kill();
    }

    /// Starts one that was killed, with the data that it has.
    pub fn start(&mut self, member: usize) {
        self.members[member].start();
    }

    /// Stops a member's process where it is.
    pub fn pause(&self, member: usize) {
        self.members[member].signal(Signal::STOP);
    }

    pub fn go_on(&self, member: usize) {
        self.members[member].signal(Signal::CONT);
    }

    /// What `etcdctl` prints when it is asked this of the whole cluster.
    #[track_caller]
    pub fn ctl(&self, arguments: &[&str]) -> String {
        let output = self.etcdctl(arguments).output().expect("etcdctl can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "etcdctl {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Waits until more than half of the members do their work.
    #[track_caller]
    pub fn wait_healthy(&mut self) {
        if let Err(log) = self.becomes_healthy() {
            panic!("etcd does not become healthy:\n{log}");
        }
    }

    /// The same; fails with what they say, at once if one has ended by itself.
    fn becomes_healthy(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while !self.is_healthy() {
            if begun.elapsed() > PATIENCE || self.members.iter_mut().any(Member::has_ended) {
                return Err(self.logs());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn is_healthy(&self) -> bool {
        let mut asked = self.etcdctl(&["get", "health", "--command-timeout=1s"]);
        asked.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
    }

    fn logs(&self) -> String {
        self.members.iter().map(Member::log).collect::<Vec<_>>().join("\n")
    }

    fn etcdctl(&self, arguments: &[&str]) -> Command {
        let mut command = (self.outside)("etcdctl");
        let scheme = if self.certificates.is_some() { "https" } else { "http" };
        let endpoints: Vec<String> =
            self.members.iter().map(|member| format!("{scheme}://{}", member.client)).collect();
        command.env("ETCDCTL_API", "3").arg(format!("--endpoints={}", endpoints.join(",")));
        if self.certificates.is_some() {
            let file = |name: &str| self.home.path().join(name);
            command.arg("--cacert").arg(file("ca.pem"));
            command.arg("--cert").arg(file("client.pem")).arg("--key").arg(file("client.key"));
        }
        command.args(arguments);
        command
    }
}

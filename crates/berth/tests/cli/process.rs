//! The binary as a process of its own, with a data directory of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use berth_agent::HttpControlPlane;
use berth_aws_protocol::sigv4::Credentials;
use rustix::process::{Pid, Signal, kill_process};

const READY: &str = "berth is ready at ";

/// A directory for the data of one test, and commands on it.
pub struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The binary with nothing of our environment that could steer it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.dress(Command::new(program()), arguments)
    }

    /// Makes a command that runs the binary run it here.
    pub fn dress(&self, mut command: Command, arguments: &[&str]) -> Command {
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("BERTH_") || text.starts_with("AWS_") || text == "DOCKER_HOST" {
                command.env_remove(&name);
            }
        }
        command.env("BERTH_DATA_DIR", self.path()).args(arguments).stdin(Stdio::null());
        command
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Starts a command that serves, and waits until it says that it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Serving {
        Serving::start(self.command(arguments))
    }

    /// What `berth env` exports.
    pub fn exported(&self, name: &str) -> String {
        let output = self.output(&["env"]);
        let text = String::from_utf8(output.stdout).expect("text");
        let prefix = format!("export {name}=");
        let value = text.lines().find_map(|line| line.strip_prefix(&prefix));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).trim_matches('\'').to_owned()
    }

    /// ECS, asked with what `berth env` exports.
    pub fn ecs(&self) -> HttpControlPlane {
        let credentials = Credentials {
            access_key_id: self.exported("AWS_ACCESS_KEY_ID"),
            secret_access_key: self.exported("AWS_SECRET_ACCESS_KEY"),
            session_token: None,
        };
        let endpoint = self.exported("AWS_ENDPOINT_URL");
        HttpControlPlane::new(&endpoint, self.exported("AWS_REGION"), credentials)
            .expect("berth env exports an address")
    }
}

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_berth"))
}

/// A berth that is ready. Dropping it kills it.
pub struct Serving {
    child: Child,
    pub endpoint: String,
}

impl Serving {
    pub fn start(mut command: Command) -> Serving {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("standard output is text");
        let Some(endpoint) = line.trim_end().strip_prefix(READY) else {
            panic!("not ready but {line:?}, ended with {:?}", child.wait());
        };
        Serving { endpoint: endpoint.to_owned(), child }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a child has an id"), signal).expect("the child is ours");
    }

    /// Waits for the end that a signal asked for.
    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("the child is ours")
    }

    /// `kill -9`, and gone.
    pub fn kill(self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    /// Status line, head and body of a plain GET.
    pub fn get(&self, path: &str) -> String {
        let address = self.endpoint.strip_prefix("http://").expect("plain HTTP");
        let mut connection = TcpStream::connect(address).expect("it is ready");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("it answers in text");
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Both fail if it has ended already, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

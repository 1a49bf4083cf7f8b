//! One berth process: its start, its ends, and its log.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use berth_test_engine::{Host, until};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::Home;

const READY: &str = "berth is ready at ";
/// Of a log that is shown.
const LAST_LINES: usize = 150;

/// A process that has not started yet.
pub struct Launch<'a> {
    home: &'a Home,
    command: Command,
    is_server: bool,
}

/// A process that has said that it is ready. Dropping it kills it.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl<'a> Launch<'a> {
    pub(crate) fn new(home: &'a Home, command: Command) -> Launch<'a> {
        let is_server = command.get_args().next().is_some_and(|it| it == "server" || it == "up");
        Launch { home, command, is_server }
    }

    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs the binary by way of another command, such as one that enters a network first.
    pub fn through(mut self, outer: Command) -> Self {
        self.command = through(outer, &self.command);
        self
    }

    /// Runs it on this host, with the engine there and its data on the disk there.
    pub fn on(self, host: &Host) -> Self {
        let docker = format!("unix://{}", host.engine.socket().display());
        let directory = host.disk().join("berth");
        let program = self.home.program_name();
        self.env("DOCKER_HOST", &docker)
            .env("BERTH_DATA_DIR", &directory.to_string_lossy())
            .through(host.command(program))
    }

    /// Starts it and waits until it says that it is ready.
    #[track_caller]
    pub fn start(mut self) -> Process {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{}.log", COUNT.fetch_add(1, Ordering::Relaxed));
        let log = self.home.path().join(name);
        let written = File::create(&log).expect("the home can be written to");
        let child =
            self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(written).spawn();
        let mut process = Process { child: child.expect("the binary runs"), log };
        let output = process.child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("its standard output is text");
        let url = line.trim_end().strip_prefix(READY).and_then(|url| url.split_once("://"));
        let address = url.and_then(|(_, address)| address.parse().ok());
        let address: SocketAddr =
            address.unwrap_or_else(|| panic!("the line that says ready, expected, but {line:?}"));
        if self.is_server {
            self.home.listens(address);
        }
        process
    }
}

/// A command that has this one's arguments and environment, by way of another that names its program already.
pub(crate) fn through(mut outer: Command, command: &Command) -> Command {
    outer.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a child has an id"), signal)
            .expect("the child is ours, and not waited for");
    }

    /// `kill -9`, and gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// SIGTERM, and how it ends.
    pub fn terminate(self) -> ExitStatus {
        self.end_by(Signal::TERM)
    }

    /// This signal, and how the process ends.
    pub fn end_by(self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        self.ended()
    }

    /// How it ends by itself.
    pub fn ended(mut self) -> ExitStatus {
        until("the process ends", || {
            let ended = self.child.try_wait().expect("the child is ours");
            ended.ok_or_else(|| format!("it runs, and logs:\n{}", self.log()))
        })
    }

    fn end(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let from = lines.len().saturating_sub(LAST_LINES);
            eprintln!(
                "--- log of berth, process {}:\n{}\n---",
                self.id(),
                lines[from..].join("\n")
            );
        }
    }
}

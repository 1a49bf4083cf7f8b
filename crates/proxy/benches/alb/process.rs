//! Processes on a core of their own, and what they use.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What is measured is here, everything else there.
pub const PROXY_CORE: &str = "0";
pub const OTHER_CORE: &str = "1";

/// A process that listens, and those that it has started. Dropped, it is ended.
pub struct Process {
    child: Child,
}

/// This program, or another, on one core.
pub fn on_core(core: &str, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program.as_ref());
    command
}

pub fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    found.is_ok_and(|found| found.status.success())
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    listener.local_addr().expect("it is bound").port()
}

impl Process {
    /// Starts it and waits until somebody listens at each of these ports.
    pub fn listening(mut command: Command, ports: &[u16]) -> Process {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let begun = Instant::now();
        let is_heard = |port: &u16| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok();
        while !ports.iter().all(is_heard) {
            let ended = child.try_wait().expect("it is a child");
            assert!(ended.is_none(), "{command:?} ended: {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(10), "{command:?} does not listen");
            thread::yield_now();
        }
        Process { child }
    }

    /// What it and its workers have used of a processor until now.
    pub fn processor_time(&self) -> Duration {
        self.family().iter().map(|id| processor_time(*id)).sum()
    }

    /// Their resident memory in bytes, what they share counted once for each.
    pub fn memory(&self) -> u64 {
        self.family().iter().map(|id| memory(*id)).sum()
    }

    fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = format!("/proc/{own}/task/{own}/children");
        let children = fs::read_to_string(children).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok());
        [own].into_iter().chain(children).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // nginx ends its workers only when it is asked to.
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

fn processor_time(id: u32) -> Duration {
    let Ok(threads) = fs::read_dir(format!("/proc/{id}/task")) else { return Duration::ZERO };
    let of_thread = |thread: fs::DirEntry| -> Option<u64> {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(of_thread).sum())
}

fn memory(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

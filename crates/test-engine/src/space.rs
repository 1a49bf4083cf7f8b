//! A network namespace and a mount namespace, and getting into them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Namespaces live as long as a process is in them. This one waits until its input ends, which it does when the
/// test ends, however that comes about.
pub struct Space {
    anchor: Child,
    _input: ChildStdin,
}

/// Containerd and Docker put some sockets under /run, whatever directory they are given; file systems of our own
/// there go with the namespace. The directory's name (`$0`) is for `traces` to know the process by.
const PREPARE: &str = "
    set -e
    ip link set lo up
    for directory in /run/containerd /run/docker; do
        mkdir -p $directory
        mount --no-mtab -t tmpfs tmpfs $directory
    done
    echo ready
    read -r _ || exit 0";

impl Space {
    pub fn open(home: &Path) -> Result<Self> {
        let log = home.join("space.log");
        let mut anchor = Command::new("unshare")
            .args(["--net", "--mount", "--", "sh", "-c", PREPARE])
            .arg(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("running unshare")?;
        let input = anchor.stdin.take().expect("it is piped");
        let output = anchor.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let space = Self { anchor, _input: input };
        let complaint = || fs::read_to_string(&log).unwrap_or_default();
        ensure!(line == "ready\n", "no namespaces could be made: {}", complaint().trim());
        Ok(space)
    }

    /// A command that will run inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let anchor = self.anchor.id();
        command.arg(format!("--net=/proc/{anchor}/ns/net"));
        command.arg(format!("--mount=/proc/{anchor}/ns/mnt"));
        command.args(["--", program]);
        command
    }

    /// A connection to a port of the loopback inside.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let network = File::open(format!("/proc/{}/ns/net", self.anchor.id()))?;
        // A thread enters and ends inside; the connection that it made stays what it is.
        let inside = thread::spawn(move || {
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
            TcpStream::connect(("127.0.0.1", port))
        });
        inside.join().map_err(|_| io::Error::other("the connecting thread panicked"))?
    }

    /// Lets the anchor be forgotten by the kernel once `traces` has killed it.
    pub fn close(&mut self) {
        // It was ours and is dead, so all that could fail is that somebody has waited for it before.
        let _ = self.anchor.kill();
        let _ = self.anchor.wait();
    }
}

//! Namespaces of a host's own (network, mounts, host name), and getting into them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::home::Home;

/// Below the space's directory: what stands for the disk of its host.
const DISK: &str = "disk";
const BALLAST: &str = "ballast";

/// How `traces` knows who was started inside, whatever the program is called with.
const MARK: &str = "TEST_SPACE";

/// Namespaces live as long as a process is in them. This one waits until its input ends, which it does when the
/// test ends, however that comes about. Dropping it ends all that was started inside.
pub struct Space {
    anchor: Child,
    _input: ChildStdin,
    // Last: it removes what the others leave.
    home: Home,
}

/// Containerd and Docker put some sockets under /run, whatever directory they are given; file systems of our own
/// there go with the namespace. `$0` is the directory, `$1` the host's name, `$2` the size of its disk in MiB: without
/// one it is as large as what the directory is on.
const PREPARE: &str = "
    set -e
    echo $1 > /proc/sys/kernel/hostname
    ip link set lo up
    for directory in /run/containerd /run/docker; do
        mkdir -p $directory
        mount --no-mtab -t tmpfs tmpfs $directory
    done
    if [ -n \"$2\" ]; then mount --no-mtab -t tmpfs -o size=$2m tmpfs $0/disk; fi
    echo ready
    read -r _ || exit 0";

impl Space {
    pub fn open(host_name: &str, disk_mib: Option<u32>) -> Result<Self> {
        let home = Home::new()?;
        fs::create_dir(home.path().join(DISK))?;
        let log = home.path().join("space.log");
        let mut anchor = Command::new("unshare")
            .args(["--net", "--mount", "--uts", "--", "sh", "-c", PREPARE])
            .arg(home.path())
            .arg(host_name)
            .args(disk_mib.map(|size| size.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context("running unshare")?;
        let input = anchor.stdin.take().expect("it is piped");
        let output = anchor.stdout.take().expect("it is piped");
        let space = Self { anchor, _input: input, home };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let complaint = || fs::read_to_string(&log).unwrap_or_default();
        ensure!(line == "ready\n", "no namespaces could be made: {}", complaint().trim());
        Ok(space)
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// A process that is inside for as long as the space is.
    pub fn anchor(&self) -> u32 {
        self.anchor.id()
    }

    /// A directory on the space's own disk. Only what runs inside finds it.
    pub fn disk(&self) -> PathBuf {
        self.home.path().join(DISK)
    }

    /// Not a byte fits on the disk any more.
    pub fn fill_disk(&self) -> Result<()> {
        // It ends when there is no room, and not well.
        let ballast = self.disk().join(BALLAST);
        let written = self.command("cp").arg("/dev/zero").arg(ballast).output()?;
        let complaint = String::from_utf8_lossy(&written.stderr);
        ensure!(complaint.contains("No space left on device"), "filling the disk: {complaint}");
        Ok(())
    }

    /// There is room again.
    pub fn free_disk(&self) -> Result<()> {
        let ballast = self.disk().join(BALLAST);
        self.run("rm", &[ballast.to_str().context("the directory's name is not UTF-8")?])
    }

    /// A command that will run inside.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        for (option, namespace) in [("net", "net"), ("mount", "mnt"), ("uts", "uts")] {
            command.arg(format!("--{option}=/proc/{}/ns/{namespace}", self.anchor()));
        }
        command.args(["--", program]).env(MARK, self.home.path());
        command
    }

    /// Runs a command inside to its end, which must be a good one.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let output = self.command(program).args(arguments).output().context("running nsenter")?;
        ensure!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    /// A connection as a program inside would make it.
    pub fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.inside(move || TcpStream::connect(address))
    }

    /// A listener on some free port of the loopback inside.
    pub fn listen(&self) -> io::Result<TcpListener> {
        self.inside(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Makes something in the network inside. It stays there, whoever uses it later.
    fn inside<T: Send + 'static>(
        &self,
        make: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let network = File::open(format!("/proc/{}/ns/net", self.anchor()))?;
        // A thread of its own enters, and ends inside.
        let inside = thread::spawn(move || {
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
            make()
        });
        inside.join().map_err(|_| io::Error::other("the thread inside panicked"))?
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // It is ours, so all that could fail is that it has ended before.
        let _ = self.anchor.kill();
        let _ = self.anchor.wait();
    }
}

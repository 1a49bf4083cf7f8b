//! A machine of a network without an engine: programs run on it, its disk can be full, and it can be deaf to others.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::network::{Network, Plug};
use crate::space::Space;

/// As far as the programs on it can see. Dropping it ends all of them.
pub struct Machine {
    space: Space,
    network: Network,
    plug: Plug,
}

impl Machine {
    pub(crate) fn start(network: Network, name: &str, disk_mib: u32) -> Result<Self> {
        let space = Space::open(name, Some(disk_mib))?;
        let plug = network.plug_in(&space).with_context(|| format!("plugging in {name}"))?;
        Ok(Self { space, network, plug })
    }

    /// How the others reach it.
    pub fn address(&self) -> Ipv4Addr {
        self.plug.address
    }

    /// A command that runs on it: in its network, with its mounts, and gone when it goes.
    pub fn command(&self, program: &str) -> Command {
        self.space.command(program)
    }

    /// A directory on a disk of its own, in memory. Only commands of this machine find it.
    pub fn disk(&self) -> PathBuf {
        self.space.disk()
    }

    /// The same directory, as this process finds it.
    pub fn disk_from_outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.space.anchor()));
        let disk = self.disk();
        root.join(disk.strip_prefix("/").expect("directories of tests have whole paths"))
    }

    /// A connection to it, of somebody in its network.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        self.network.connect(SocketAddr::from((self.address(), port)))
    }
}

/// Breaking.
impl Machine {
    /// From now on it hears nothing from there, and nobody is told. What it says itself is not held up.
    pub fn ignore(&self, other: Ipv4Addr) -> Result<()> {
        self.filter("--insert", other)
    }

    /// It hears it again.
    pub fn heed(&self, other: Ipv4Addr) -> Result<()> {
        self.filter("--delete", other)
    }

    /// Not a byte fits on the disk any more.
    pub fn fill_disk(&self) -> Result<()> {
        self.space.fill_disk()
    }

    /// There is room again.
    pub fn free_disk(&self) -> Result<()> {
        self.space.free_disk()
    }

    fn filter(&self, change: &str, other: Ipv4Addr) -> Result<()> {
        let other = other.to_string();
        let rule = ["--wait", change, "INPUT", "--source", &other, "--jump", "DROP"];
        self.space.run("iptables", &rule)
    }
}

//! One host of a network: an engine of its own, a disk that can be full, a line that can be cut, and an end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::network::{Network, Plug};
use crate::space::Space;

/// In memory. Enough for an engine, the images of a few tests and what they write.
const DISK_MIB: u32 = 192;

/// A machine as far as the programs on it can see. Dropping it ends all of them; see [`destroy`](Self::destroy).
pub struct Host {
    pub engine: Engine,
    network: Network,
    plug: Plug,
    name: String,
}

impl Host {
    pub(crate) fn start(network: Network, name: &str) -> Result<Self> {
        let space = Space::open(name, Some(DISK_MIB))?;
        let plug = network.plug_in(&space).with_context(|| format!("plugging in {name}"))?;
        let engine = Engine::start_in(space).with_context(|| format!("the engine of {name}"))?;
        Ok(Self { engine, network, plug, name: name.to_owned() })
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the others reach it.
    pub fn address(&self) -> Ipv4Addr {
        self.plug.address
    }

    /// A command that runs on it: in its network, with its mounts, and gone when it goes.
    pub fn command(&self, program: &str) -> Command {
        self.engine.command(program)
    }

    /// A connection as a program on it would make it.
    pub fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.engine.space().connect(address)
    }

    /// A directory on the same disk as the engine's. Only commands of this host find it.
    pub fn disk(&self) -> PathBuf {
        self.engine.space().disk()
    }
}

/// Breaking. The engine can be broken too: see there.
impl Host {
    /// From now on nothing comes in or out, and nobody is told.
    pub fn cut(&self) -> Result<()> {
        self.network.cut(&self.plug)
    }

    /// The line is whole again.
    pub fn heal(&self) -> Result<()> {
        self.network.heal(&self.plug)
    }

    /// Not a byte fits on the disk any more.
    pub fn fill_disk(&self) -> Result<()> {
        self.engine.space().fill_disk()
    }

    /// There is room again.
    pub fn free_disk(&self) -> Result<()> {
        self.engine.space().free_disk()
    }

    /// The power fails for good: nobody hears a last word, and then there is nothing left of it.
    pub fn destroy(self) -> Result<()> {
        // The kernel would say goodbye for every process that dies.
        self.cut()
    }
}

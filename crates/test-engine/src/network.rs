//! A network for several hosts on one machine: a bridge in a namespace of its own, and an address there for servers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::home;
use crate::host::Host;
use crate::machine::Machine;
use crate::space::Space;

const BRIDGE: &str = "br0";
/// A bridge that is never up, and drops what comes to it.
const VOID: &str = "void";

/// `$0` is the address. The bridge keeps its hardware address and its carrier whichever hosts come and go.
const PREPARE: &str = "
    set -e
    ip link add br0 address 02:00:00:00:00:01 type bridge
    ip link add void type bridge
    ip link add keep0 type veth peer name keep1
    ip link set keep0 master br0 up
    ip link set keep1 up
    ip address add $0 dev br0
    ip link set br0 up";

/// Every network is alone in its namespace, so all have the same addresses: those that are set aside for tests of
/// network equipment, which no Docker hands out.
const SERVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);
const PREFIX: u8 = 24;

/// A network that hosts can be on. Clones are the same one; it goes with the last of them and the last of its hosts.
///
/// ```no_run
/// # fn test() -> anyhow::Result<()> {
/// let Some(network) = berth_test_engine::Network::for_test()? else { return Ok(()) };
/// let [one, two] = network.hosts(["one", "two"])?;
/// let server = network.command("some-server").spawn()?; // at network.address()
/// let client = one.command("some-client").spawn()?;
/// two.cut()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Network {
    inner: Arc<Inner>,
}

struct Inner {
    space: Space,
    hosts: AtomicU8,
}

impl Network {
    /// A network, or `None` where there can be no hosts, which is said on standard error then.
    pub fn for_test() -> Result<Option<Self>> {
        match Engine::obstacle() {
            None => Self::new().map(Some),
            Some(obstacle) => {
                eprintln!("SKIPPED: no hosts can be made here: {obstacle}");
                Ok(None)
            }
        }
    }

    pub fn new() -> Result<Self> {
        home::sweep()?;
        let space = Space::open("network", None)?;
        space.run("sh", &["-c", PREPARE, &format!("{SERVER}/{PREFIX}")])?;
        Ok(Self { inner: Arc::new(Inner { space, hosts: AtomicU8::new(0) }) })
    }

    /// Where servers that run here are reached by the hosts.
    pub fn address(&self) -> Ipv4Addr {
        SERVER
    }

    /// All of its files; they go when it goes.
    pub fn directory(&self) -> &Path {
        self.inner.space.home().path()
    }

    /// A command that runs in the network, on no host.
    pub fn command(&self, program: &str) -> Command {
        self.inner.space.command(program)
    }

    /// A connection into the network, for the test itself.
    pub fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.inner.space.connect(address)
    }

    /// One more machine without an engine, with a disk of this size in memory.
    pub fn machine(&self, name: &str, disk_mib: u32) -> Result<Machine> {
        Machine::start(self.clone(), name, disk_mib)
    }

    /// One more host, with an engine that runs.
    pub fn host(&self, name: &str) -> Result<Host> {
        Host::start(self.clone(), name)
    }

    /// Several at once, which takes little longer than one.
    pub fn hosts<const N: usize>(&self, names: [&str; N]) -> Result<[Host; N]> {
        let hosts: Result<Vec<Host>> = thread::scope(|scope| {
            let starting = names.map(|name| scope.spawn(move || self.host(name)));
            // All are waited for, whatever becomes of the first.
            let started = starting.map(|host| host.join().expect("starting a host does not panic"));
            started.into_iter().collect()
        });
        Ok(hosts?.try_into().ok().expect("there are as many hosts as names"))
    }
}

/// What a host needs of its network.
impl Network {
    /// Joins a host's namespace to the bridge.
    pub(crate) fn plug_in(&self, host: &Space) -> Result<Plug> {
        let number = self.inner.hosts.fetch_add(1, Ordering::Relaxed);
        let [a, b, c, server] = SERVER.octets();
        let last = server.checked_add(number).and_then(|last| last.checked_add(1));
        let last = last.filter(|last| *last < u8::MAX).context("the network is full")?;
        let plug = Plug { address: Ipv4Addr::new(a, b, c, last), port: format!("port{number}") };
        let anchor = host.anchor().to_string();
        let ends = ["type", "veth", "peer", "name", "eth0", "netns", &anchor];
        self.inner.space.run("ip", &[&["link", "add", &plug.port], &ends[..]].concat())?;
        self.inner.space.run("ip", &["link", "set", &plug.port, "master", BRIDGE, "up"])?;
        let address = format!("{}/{PREFIX}", plug.address);
        host.run("ip", &["address", "add", &address, "dev", "eth0"])?;
        host.run("ip", &["link", "set", "eth0", "up"])?;
        Ok(plug)
    }

    /// Nobody hears of it: both ends of the line keep their carrier. A port on no bridge at all would not do: its
    /// frames go up to the namespace that it is in.
    pub(crate) fn cut(&self, plug: &Plug) -> Result<()> {
        self.inner.space.run("ip", &["link", "set", &plug.port, "master", VOID])
    }

    pub(crate) fn heal(&self, plug: &Plug) -> Result<()> {
        self.inner.space.run("ip", &["link", "set", &plug.port, "master", BRIDGE])
    }
}

/// A host's place on the bridge.
pub(crate) struct Plug {
    pub(crate) address: Ipv4Addr,
    port: String,
}

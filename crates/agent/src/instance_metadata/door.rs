//! Where metadata is asked for: a socket in the network that containers see as their host's, and what is known there.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener as BlockingListener, UdpSocket};

use tokio::net::TcpListener;

use crate::doors::{DoorError, HostNetwork, Inside, loopback};

pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) interface: Interface,
    pub(super) lent: Lent,
}

/// The host's own address, as it was when the door was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) ipv4: Option<Ipv4Addr>,
    pub(super) mac: Option<String>,
}

/// The address that the loopback interface has only for this agent, if it had to be added.
pub(super) struct Lent {
    network: HostNetwork,
    address: Option<Ipv4Addr>,
}

/// Listens. What is sent from there has this time to live.
pub(super) async fn open(
    network: &HostNetwork,
    address: SocketAddrV4,
    time_to_live: u32,
) -> Result<Door, DoorError> {
    let work = move |inside| {
        let (listener, added) = listen(address)?;
        // Connections have it from their listener, the very first packet of theirs included.
        listener.set_ttl(time_to_live)?;
        listener.set_nonblocking(true)?;
        Ok((listener, added, Interface::look(inside)))
    };
    let (listener, added, interface) = network.enter(work).await?;
    let listener = TcpListener::from_std(listener)?;
    Ok(Door { listener, interface, lent: Lent { network: network.clone(), address: added } })
}

fn listen(address: SocketAddrV4) -> Result<(BlockingListener, Option<Ipv4Addr>), DoorError> {
    let ip = *address.ip();
    match BlockingListener::bind(address) {
        // An address of any other kind is somebody's mistake.
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable && ip.is_link_local() => {
            let added = loopback::ensure_address(ip)?;
            Ok((BlockingListener::bind(address)?, added.then_some(ip)))
        }
        bound => Ok((bound?, None)),
    }
}

impl Interface {
    fn look(inside: Inside) -> Self {
        let mac = match inside {
            Inside::Own => default_interface().and_then(|name| mac_of(&name)),
            // What is mounted at /sys tells of our own network's interfaces.
            Inside::Another => None,
        };
        Self { ipv4: source_address(), mac }
    }
}

/// The address from which the default route is taken. Nothing is sent: an address for documentation is all it takes.
fn source_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()? {
        SocketAddr::V4(address) => Some(*address.ip()),
        SocketAddr::V6(_) => None,
    }
}

/// proc(5): a line each, the name, then the destination, of which the default route's is all zeros.
fn default_interface() -> Option<String> {
    let routes = fs::read_to_string("/proc/thread-self/net/route").ok()?;
    routes.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (name, destination) = (fields.next()?, fields.next()?);
        (destination == "00000000").then(|| name.to_owned())
    })
}

fn mac_of(interface: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/sys/class/net/{interface}/address")).ok()?;
    Some(text.trim().to_owned()).filter(|mac| !mac.is_empty())
}

impl Lent {
    /// Takes away what was added. An agent that is killed leaves it: the next one finds it there.
    pub(super) async fn give_back(self) {
        let Some(address) = self.address else { return };
        let work = move |_| Ok(loopback::remove_address(address)?);
        if let Err(error) = self.network.enter(work).await {
            tracing::debug!(%address, %error, "the address stays on the loopback interface");
        }
    }
}

//! Where the containers of a host, and people on it, can ask this agent something.
//!
//! A door is a listening socket at a fixed address in the network that the containers see as their host's.
//! The simulator gives none; the real ones are [`EngineDoors`]. What is answered is `metadata`'s.

mod engine;
pub(crate) mod loopback;
mod network;

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use async_trait::async_trait;
use tokio::net::TcpListener;

pub use engine::EngineDoors;
pub use network::HostNetwork;
pub(crate) use network::Inside;

/// AWS: containers find task metadata and credentials here, at the usual port of HTTP.
pub const TASKS_ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// For containers: task metadata, credentials, the agent's API.
    Tasks,
    /// For people on the host: what runs here.
    Introspection,
}

/// A host's doors, as far as it has any.
#[async_trait]
pub trait HostDoors: Send + Sync + 'static {
    /// Listens at the door's address. What fails now may succeed later.
    async fn open(&self, door: Door) -> Result<TcpListener, DoorError>;
}

/// Why a door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error(
        "this agent may not do that (it needs root, or CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_BIND_SERVICE): {0}"
    )]
    NotPermitted(#[source] io::Error),
    #[error("another program listens there, perhaps another agent on the same engine")]
    Taken,
    #[error("{0:#}")]
    Failed(anyhow::Error),
}

impl Door {
    pub fn address(self) -> SocketAddrV4 {
        match self {
            Self::Tasks => SocketAddrV4::new(TASKS_ADDRESS, 80),
            Self::Introspection => SocketAddrV4::new(Ipv4Addr::LOCALHOST, 51678),
        }
    }
}

impl From<io::Error> for DoorError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::NotPermitted(error),
            io::ErrorKind::AddrInUse => Self::Taken,
            _ => Self::Failed(error.into()),
        }
    }
}

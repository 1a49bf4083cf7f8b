//! Doors in the network of a container engine ([`HostNetwork`]).

use std::net::TcpListener as BlockingListener;
use std::path::PathBuf;

use async_trait::async_trait;
use tokio::net::TcpListener;

use super::{Door, DoorError, HostDoors, HostNetwork, loopback};

/// The doors of the host that the engine at this socket is on.
pub struct EngineDoors {
    network: HostNetwork,
}

impl EngineDoors {
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { network: HostNetwork::OfEngine(socket.into()) }
    }
}

#[async_trait]
impl HostDoors for EngineDoors {
    async fn open(&self, door: Door) -> Result<TcpListener, DoorError> {
        let listen = move |_| {
            if door == Door::Tasks {
                loopback::ensure_address(*door.address().ip())?;
            }
            Ok(BlockingListener::bind(door.address())?)
        };
        let listener = self.network.enter(listen).await?;
        listener.set_nonblocking(true)?;
        Ok(TcpListener::from_std(listener)?)
    }
}

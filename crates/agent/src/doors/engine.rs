//! Doors in the network of a container engine, which need not be this process's own.
//!
//! The engine's socket tells which process listens behind it, and that process's network is the one that
//! containers see as their host's: bridged ones reach its addresses by their default route, without any
//! address translation, and those in host networking are in it themselves.

use std::fs::{self, File};
use std::net::TcpListener as BlockingListener;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::net::{TcpListener, UnixStream};

use super::{Door, DoorError, HostDoors, loopback};

/// The doors of the host that the engine at this socket is on.
pub struct EngineDoors {
    socket: PathBuf,
}

impl EngineDoors {
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into() }
    }
}

#[async_trait]
impl HostDoors for EngineDoors {
    async fn open(&self, door: Door) -> Result<TcpListener, DoorError> {
        let network = other_network(&self.socket).await?;
        let listening = tokio::task::spawn_blocking(move || listen(network, door)).await;
        let listener = listening.map_err(|cause| DoorError::Failed(cause.into()))??;
        listener.set_nonblocking(true)?;
        Ok(TcpListener::from_std(listener)?)
    }
}

/// The network of the engine; `None` if it is this process's too, and nobody has to go anywhere.
async fn other_network(socket: &Path) -> Result<Option<File>, DoorError> {
    let connection = UnixStream::connect(socket).await?;
    // 0 is a process that is in a process namespace of its own, out of our sight.
    let pid = connection.peer_cred()?.pid().filter(|pid| *pid > 0).ok_or_else(|| {
        DoorError::Failed(anyhow!(
            "the process behind {} is hidden from this agent: give it the host's process namespace",
            socket.display()
        ))
    })?;
    let path = format!("/proc/{pid}/ns/net");
    let theirs = fs::metadata(&path)?;
    let ours = fs::metadata("/proc/self/ns/net")?;
    if (theirs.dev(), theirs.ino()) == (ours.dev(), ours.ino()) {
        return Ok(None);
    }
    Ok(Some(File::open(path)?))
}

fn listen(network: Option<File>, door: Door) -> Result<BlockingListener, DoorError> {
    // A thread enters and ends inside; the socket that it made stays what it is.
    let inside = std::thread::Builder::new().name("door".to_owned()).spawn(move || {
        if let Some(network) = &network {
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(std::io::Error::from)?;
        }
        if door == Door::Tasks {
            loopback::ensure_address(*door.address().ip())?;
        }
        Ok(BlockingListener::bind(door.address())?)
    });
    let inside = inside.context("starting a thread").map_err(DoorError::Failed)?;
    inside.join().unwrap_or_else(|_| Err(DoorError::Failed(anyhow!("the thread panicked"))))
}

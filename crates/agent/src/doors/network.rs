//! The network that containers see as their host's, which need not be this process's own.
//!
//! An engine's socket tells which process listens behind it, and that process's network is the one: bridged containers
//! reach its addresses by their default route, without any address translation, and those in host networking are in
//! it themselves.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::net::UnixStream;

use super::DoorError;

/// Where a host's doors are.
#[derive(Clone, Debug)]
pub enum HostNetwork {
    /// In the network of the engine at this socket.
    OfEngine(PathBuf),
    /// In this process's own: there is no engine.
    Own,
}

/// Whose network a thread is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    Own,
    Another,
}

impl HostNetwork {
    /// Does something inside. What is opened there stays what it is.
    pub(crate) async fn enter<T: Send + 'static>(
        &self,
        work: impl FnOnce(Inside) -> Result<T, DoorError> + Send + 'static,
    ) -> Result<T, DoorError> {
        let network = match self {
            HostNetwork::OfEngine(socket) => other_network(socket).await?,
            HostNetwork::Own => None,
        };
        let working = tokio::task::spawn_blocking(move || enter(network, work)).await;
        working.map_err(|cause| DoorError::Failed(cause.into()))?
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

/// On a thread that enters and ends inside.
fn enter<T: Send + 'static>(
    network: Option<File>,
    work: impl FnOnce(Inside) -> Result<T, DoorError> + Send + 'static,
) -> Result<T, DoorError> {
    let inside = std::thread::Builder::new().name("door".to_owned()).spawn(move || {
        let Some(network) = &network else { return work(Inside::Own) };
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(std::io::Error::from)?;
        work(Inside::Another)
    });
    let inside = inside.context("starting a thread").map_err(DoorError::Failed)?;
    inside.join().unwrap_or_else(|_| Err(DoorError::Failed(anyhow!("the thread panicked"))))
}

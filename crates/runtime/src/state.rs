//! What an engine knows of a container.

use std::collections::BTreeMap;
use std::net::IpAddr;

use berth_model::Timestamp;

use crate::{RuntimeId, Transport};

/// A container, as the engine saw it at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    pub id: RuntimeId,
    pub name: String,
    /// The image as it was named in the spec.
    pub image: String,
    /// The image's id, `sha256:…`.
    pub image_id: String,
    pub labels: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub run: Run,
    pub health: Health,
    /// Ports that are bound on the host now; empty unless it runs.
    pub ports: Vec<PortBinding>,
    /// Addresses in the engine's networks; empty unless it runs in one.
    pub addresses: Vec<IpAddr>,
}

/// A container, as far as it can be told from afar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    pub id: RuntimeId,
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub is_running: bool,
}

/// Where a container stands in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Made, never started.
    Created,
    /// Its main process lives (Docker's `paused` and `restarting` included).
    Running {
        started_at: Timestamp,
        pid: u32,
    },
    Ended(Exit),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// 128 + n if signal n ended it.
    pub code: i64,
    pub oom_killed: bool,
    /// What the engine had to say about it, such as why a start failed; mostly empty.
    pub error: String,
    /// `None` if the main process never ran.
    pub started_at: Option<Timestamp>,
    pub ended_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It has no health check.
    #[default]
    Unchecked,
    /// Within its start period, or before the first result.
    Starting,
    Healthy,
    Unhealthy,
}

/// A port of the host that leads to a port of the container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortBinding {
    pub container_port: u16,
    pub host_port: u16,
    pub transport: Transport,
    pub host_ip: IpAddr,
}

/// What a start tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    pub started_at: Timestamp,
    /// Every binding asked for, with the host ports that the engine chose for dynamic ones.
    pub ports: Vec<PortBinding>,
    /// The rest is known only if the runtime had to look for the ports' sake, or learned it for free.
    pub addresses: Vec<IpAddr>,
    pub pid: Option<u32>,
}

impl ContainerState {
    pub fn is_running(&self) -> bool {
        matches!(self.run, Run::Running { .. })
    }

    /// When its main process, or the last one that it had, began.
    pub fn started_at(&self) -> Option<Timestamp> {
        match &self.run {
            Run::Created => None,
            Run::Running { started_at, .. } => Some(*started_at),
            Run::Ended(exit) => exit.started_at,
        }
    }

    pub fn pid(&self) -> Option<u32> {
        match self.run {
            Run::Running { pid, .. } => Some(pid),
            Run::Created | Run::Ended(_) => None,
        }
    }

    pub fn exit(&self) -> Option<&Exit> {
        match &self.run {
            Run::Ended(exit) => Some(exit),
            Run::Created | Run::Running { .. } => None,
        }
    }
}

impl Exit {
    /// The container's `reason` in ECS's words, if there is more to say than the exit code.
    pub fn reason(&self) -> Option<String> {
        if self.oom_killed {
            return Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
        }
        // AWS: an error that the engine kept in the container's state is a `DockerStateError`.
        (!self.error.is_empty()).then(|| format!("DockerStateError: {}", self.error))
    }
}

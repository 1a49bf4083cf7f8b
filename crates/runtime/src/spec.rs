//! What to run, in an engine's terms.
//!
//! What the runtimes must understand is modelled field by field. Everything else that Docker takes
//! rides along in [`EngineConfig`], as the ECS payload's `dockerConfig` delivers it; a modelled field
//! that is set wins over the same one there, and maps and lists are joined. An engine parameter that
//! the runtime does not know is refused by name.

mod check;
mod engine;
mod health;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

pub use self::engine::EngineConfig;
pub use self::health::{HealthCheck, HealthTest};
use crate::{MemoryBytes, RuntimeId};

/// One container to create. `ContainerSpec::new(name, image)` and struct update give the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerSpec {
    /// Unique on the engine.
    pub name: String,
    pub image: String,
    /// `None` keeps the image's; an empty list clears it, so that the command names the program.
    pub entry_point: Option<Vec<String>>,
    /// `None` and an empty list keep the image's, unless an entry point is given.
    pub command: Option<Vec<String>>,
    pub environment: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Relative weight among containers; 1024 is one vCPU's worth.
    pub cpu_shares: Option<u32>,
    /// The container is killed if it needs more.
    pub memory_limit: Option<MemoryBytes>,
    /// What it is shrunk towards when the host runs short.
    pub memory_reservation: Option<MemoryBytes>,
    pub network: Network,
    pub ports: Vec<PortSpec>,
    pub mounts: Vec<Mount>,
    pub volumes_from: Vec<VolumesFrom>,
    pub links: Vec<Link>,
    pub health_check: Option<HealthCheck>,
    /// `SIGTERM` or a number; `None` keeps the image's.
    pub stop_signal: Option<String>,
    /// A path (cgroupfs) or slice (systemd) that the container's cgroup is made under.
    pub cgroup_parent: Option<String>,
    pub log: Option<LogSpec>,
    /// NVIDIA's GPUs, by UUID or number, or `all`. The caller says the same in the environment variable
    /// that NVIDIA's runtime reads.
    pub gpus: Vec<String>,
    pub engine: EngineConfig,
}

impl ContainerSpec {
    pub fn new(name: impl Into<String>, image: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            image: image.into(),
            entry_point: None,
            command: None,
            environment: BTreeMap::new(),
            labels: BTreeMap::new(),
            cpu_shares: None,
            memory_limit: None,
            memory_reservation: None,
            network: Network::default(),
            ports: Vec::new(),
            mounts: Vec::new(),
            volumes_from: Vec::new(),
            links: Vec::new(),
            health_check: None,
            stop_signal: None,
            cgroup_parent: None,
            log: None,
            gpus: Vec::new(),
            engine: EngineConfig::default(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// An interface on the engine's own bridge.
    #[default]
    Bridge,
    /// The host's own interfaces. Port mappings are meaningless and are refused.
    Host,
    /// Loopback alone.
    None,
    /// The interfaces of another container.
    Container(RuntimeId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    pub container_port: u16,
    /// `None` lets the engine choose.
    pub host_port: Option<u16>,
    pub transport: Transport,
    /// `None` means all of the host's addresses.
    pub host_ip: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    #[default]
    Tcp,
    Udp,
}

impl Transport {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            other => Err(UnknownTransport(other.to_owned())),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown transport protocol `{0}`: expected tcp or udp")]
pub struct UnknownTransport(String);

/// Something that appears at `target` inside the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub source: MountSource,
    /// An absolute path.
    pub target: String,
    pub read_only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A path of the host; a missing one is made as a directory, as ECS users expect.
    Host(String),
    /// A named volume; a missing one is made with the engine's default driver.
    Volume(String),
    /// A fresh volume that goes when the container goes.
    Anonymous,
    /// Memory; `options` are mount(8)'s, such as `noexec`.
    Tmpfs { size: MemoryBytes, options: Vec<String> },
}

/// All mounts of another container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumesFrom {
    /// The other container's name or id on this engine.
    pub container: String,
    pub read_only: bool,
}

/// Another container of the bridge, reachable by a name (Docker's legacy links).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other container's name or id on this engine.
    pub container: String,
    pub alias: String,
}

/// Where standard output and error go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSpec {
    pub driver: String,
    pub options: BTreeMap<String, String>,
}

/// A named volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeSpec {
    pub name: String,
    /// `None` means the engine's default, `local`.
    pub driver: Option<String>,
    pub driver_options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

impl VolumeSpec {
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            driver: None,
            driver_options: BTreeMap::new(),
            labels: BTreeMap::new(),
        }
    }
}

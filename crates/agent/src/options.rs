//! What an agent is told at its start.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::cleanup::CleanupRules;
use crate::clock::{Clock, SystemClock};
use crate::doors::HostDoors;
use crate::images::{NoLogins, RegistryLogins};
use crate::memory::{Memory, VolatileMemory};
use crate::router_files::{RouterFiles, VolatileRouterFiles};
use crate::sources::{NoSources, Sources};

/// How an agent behaves. `Options::new(cluster)` and struct update give the rest.
#[derive(Clone)]
pub struct Options {
    /// Name or ARN of the cluster to join, passed on as it is.
    pub cluster: String,
    /// Where the agent remembers who it is; by default only as long as the options live.
    pub memory: Arc<dyn Memory>,
    /// Where objects and secrets come from that tasks name; by default from nowhere.
    pub sources: Arc<dyn Sources>,
    /// Where containers can ask the agent about themselves; `None`: nowhere.
    pub doors: Option<Arc<dyn HostDoors>>,
    /// Where log routers find their configurations; by default on no disk.
    pub router_files: Arc<dyn RouterFiles>,
    /// Shown as `ecs.instance-type`.
    pub instance_type: Option<String>,
    /// The host is outside of AWS (ECS Anywhere): it runs tasks of launch type EXTERNAL.
    pub external: bool,
    /// Shown as `ecs.availability-zone`.
    pub availability_zone: Option<String>,
    /// The provider that the host's operator counts it to.
    pub capacity_provider: Option<String>,
    /// Custom attributes, given once, at the first registration.
    pub attributes: BTreeMap<String, String>,
    /// Tags of the container instance, given at registration.
    pub tags: BTreeMap<String, String>,
    /// MiB of the host that are not offered to tasks.
    pub reserved_memory_mib: u64,
    /// TCP ports of the host that tasks may not have.
    pub reserved_ports: Vec<u16>,
    pub reserved_udp_ports: Vec<u16>,
    /// Where ports of the host are looked for that a range of container ports is mapped to.
    pub dynamic_ports: RangeInclusive<u16>,
    /// NVIDIA's GPUs of the host, by UUID, in the order in which tasks get them.
    pub gpus: Vec<String>,
    /// The version of their driver.
    pub gpu_driver: Option<String>,
    pub pull: PullBehavior,
    /// Logins to registries; by default none.
    pub logins: Arc<dyn RegistryLogins>,
    pub cleanup: CleanupRules,
    /// How long a container has between its stop signal and its end, unless its definition says so.
    pub stop_grace: Duration,
    /// How long the containers of a stopped task are kept for whoever wants to look at them.
    pub cleanup_after: Duration,
    /// How often usage is read from the containers.
    pub sample_every: Duration,
    /// How often usage is sent.
    pub publish_every: Duration,
    /// How often everything is compared with what the runtime says, events or not.
    pub sweep_every: Duration,
    pub agent_version: String,
    pub agent_hash: String,
    pub clock: Arc<dyn Clock>,
    /// Where jitter and message ids come from; the same seed gives the same run.
    pub seed: u64,
}

/// When an image is asked for from its registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PullBehavior {
    /// Only if it is not here.
    ///
    /// DEVIATES: ECS's default asks the registry at every start. Here an image that is on the host is used
    /// as it is, also if its tag means another one by now, which is what makes a warm start quick;
    /// `--image-pull-behavior default` has ECS's way.
    #[default]
    PreferCached,
    /// At every start; if that fails, what is here is used.
    Default,
    /// At every start; if that fails, so does the task.
    Always,
    /// Once, until the clean-up removes it. What was here without a pull does not count.
    Once,
}

impl Options {
    pub fn new(cluster: impl Into<String>) -> Self {
        Self {
            cluster: cluster.into(),
            memory: Arc::new(VolatileMemory::default()),
            sources: Arc::new(NoSources),
            doors: None,
            router_files: Arc::new(VolatileRouterFiles::default()),
            instance_type: None,
            external: false,
            availability_zone: None,
            capacity_provider: None,
            attributes: BTreeMap::new(),
            tags: BTreeMap::new(),
            reserved_memory_mib: 0,
            // AWS: ssh, Docker with and without TLS, introspection, credentials.
            reserved_ports: vec![22, 2375, 2376, 51678, 51679],
            reserved_udp_ports: Vec::new(),
            // AWS: the range of a host that does not tell its own.
            dynamic_ports: 49153..=65535,
            gpus: Vec::new(),
            gpu_driver: None,
            pull: PullBehavior::default(),
            logins: Arc::new(NoLogins),
            cleanup: CleanupRules::default(),
            stop_grace: Duration::from_secs(30),
            cleanup_after: Duration::from_secs(3 * 60 * 60),
            sample_every: Duration::from_secs(10),
            publish_every: Duration::from_secs(20),
            sweep_every: Duration::from_secs(60),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            agent_hash: "berth".to_owned(),
            clock: Arc::new(SystemClock),
            seed: rand::random(),
        }
    }
}

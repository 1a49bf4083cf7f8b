//! One machine: an engine, a disk, and an agent that comes and goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_agent::{Agent, Handle, Options};
use berth_model::Timestamp;
use berth_runtime::MemoryBytes;
use berth_runtime::fake::{FakeEngine, FakeOptions};

use crate::dice::Dice;
use crate::disk::Disk;
use crate::machine_clock::MachineClock;
use crate::network::{Line, Network};
use crate::trace::{Trace, tell};

/// The attribute by which a container instance tells which host it is.
pub const HOST_ATTRIBUTE: &str = "sim.host";

/// The cluster that every host joins.
pub const CLUSTER: &str = "default";

/// The owner in whose name an agent asks its engine.
const OWNER: &str = "sim";

/// Sizes that hosts come in: vCPUs and MiB.
const SIZES: [(u32, u32); 3] = [(1, 1024), (2, 2048), (4, 4096)];

/// What a host says about itself at registration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Site {
    /// `None`: it does not say, and is taken to be where all such hosts are.
    pub zone: Option<&'static str>,
    /// The capacity provider that its instance is of.
    pub provider: Option<&'static str>,
}

pub struct Host {
    pub number: usize,
    pub site: Site,
    pub engine: FakeEngine,
    disk: Arc<Disk>,
    network: Network,
    trace: Trace,
    pub clock: MachineClock,
    state: Mutex<State>,
}

struct State {
    dice: Dice,
    agent: Option<Handle>,
}

impl Host {
    pub fn new(
        number: usize,
        site: Site,
        mut dice: Dice,
        epoch: Timestamp,
        clock: MachineClock,
        network: Network,
        trace: Trace,
    ) -> Self {
        let (cpus, memory) = *dice.pick(&SIZES).expect("there are sizes");
        let engine = FakeEngine::new(FakeOptions {
            seed: dice.seed(),
            epoch,
            cpus,
            memory: MemoryBytes::from_mib(memory),
            ..FakeOptions::default()
        });
        let disk = Arc::new(Disk::new(dice.fork()));
        let state = Mutex::new(State { dice, agent: None });
        tell!(trace, "host-{number} has {cpus} vCPUs and {memory} MiB: {site:?}");
        Self { number, site, engine, disk, network, trace, clock, state }
    }

    /// Starts the agent, unless it runs.
    pub fn start_agent(&self) {
        let mut state = self.state();
        if state.agent.is_some() {
            return;
        }
        tell!(self.trace, "host-{}: the agent starts", self.number);
        let options = Options {
            memory: self.disk.clone(),
            attributes: BTreeMap::from([(HOST_ATTRIBUTE.to_owned(), self.number.to_string())]),
            availability_zone: self.site.zone.map(str::to_owned),
            capacity_provider: self.site.provider.map(str::to_owned),
            cleanup_after: Duration::from_secs(90),
            clock: Arc::new(self.clock.clone()),
            seed: state.dice.seed(),
            ..Options::new(CLUSTER)
        };
        let runtime = Arc::new(self.engine.runtime(OWNER));
        let line = Arc::new(Line::new(self.network.clone(), self.number));
        state.agent = Some(Agent::start(options, runtime, line));
    }

    /// Kills the agent, if it runs. What it started lives on.
    pub fn kill_agent(&self) {
        if self.state().agent.take().is_some() {
            tell!(self.trace, "host-{}: the agent is killed", self.number);
        }
    }

    /// Neither the engine nor the agent can write anything more.
    pub fn fill_disk(&self) {
        self.engine.refuse_writes(true);
        self.disk.set_full(true);
    }

    pub fn free_disk(&self) {
        self.engine.refuse_writes(false);
        self.disk.set_full(false);
    }

    /// A new machine in the old one's place: nothing runs, and nobody remembers what it was.
    pub fn reinstall(&self) {
        self.kill_agent();
        tell!(self.trace, "host-{} is installed anew", self.number);
        self.engine.reboot();
        self.disk.wipe();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment: a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

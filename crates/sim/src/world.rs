//! Everything there is: one control plane, its hosts, and the wires between them.

use std::time::Duration;

use berth_control::env::TokioClock;
use berth_model::{ContainerInstanceStatus, Timestamp};
use berth_store::Faults;

use crate::control_plane::{self, Control};
use crate::dice::Dice;
use crate::host::{Host, Site};
use crate::inspector::Inspector;
use crate::machine_clock::MachineClock;
use crate::network::Network;
use crate::programs::Registry;
use crate::records::host_of;
use crate::scene::HostView;
use crate::trace::{Trace, tell};

/// What every clock of the world shows at the beginning.
const EPOCH: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub struct World {
    pub hosts: Vec<Host>,
    pub network: Network,
    pub control: Control,
    pub inspector: Inspector,
    pub registry: Registry,
    pub trace: Trace,
}

impl World {
    /// Builds it, with a host at each of these sites, and starts so many servers of the control plane; agents are still
    /// off, and clocks right, if not for always. To be called inside a paused tokio runtime.
    pub fn start(
        dice: &mut Dice,
        servers: usize,
        sites: &[Site],
        wrong: Duration,
        trace: Trace,
    ) -> Self {
        let network = Network::new(dice.fork(), trace.clone(), servers);
        let clock = TokioClock::starting_at(EPOCH);
        let inspector = Inspector::new(clock, wrong, trace.clone());
        let (network_of, inspector_of) = (network.clone(), inspector.clone());
        let seed = dice.seed();
        let control =
            control_plane::run(servers, seed, clock, network_of, inspector_of, trace.clone());
        let registry = Registry::default();
        let hosts = sites.iter().enumerate().map(|(number, site)| {
            let (network, trace) = (network.clone(), trace.clone());
            let (dice, clock) = (dice.fork(), MachineClock::new(clock));
            let host = Host::new(number, *site, dice, EPOCH, clock, network, trace);
            registry.publish(&host.engine);
            host
        });
        Self { hosts: hosts.collect(), network, control, inspector, registry, trace }
    }

    /// What runs on every host.
    pub fn view(&self) -> Vec<HostView> {
        self.hosts.iter().map(HostView::of).collect()
    }

    /// Shows the checkers what runs.
    pub fn look(&self) {
        self.inspector.look(&self.view());
    }

    /// Ends every fault. What it broke is for the system to mend.
    pub fn heal(&self) {
        tell!(self.trace, "the world is healed");
        self.network.calm();
        self.control.set_store_faults(Faults::default());
        (0..self.control.servers()).for_each(|server| self.control.set_clock(server, 0));
        for host in &self.hosts {
            host.clock.set_ahead(0);
            host.engine.heal();
            host.engine.come_up();
            host.free_disk();
            self.registry.publish(&host.engine);
            host.start_agent();
        }
        self.reinstall_deregistered();
    }

    /// What an operator does with a host that somebody deregistered: it comes back as a new one.
    pub fn reinstall_deregistered(&self) {
        let gone: Vec<usize> = self.inspector.with_records(|records| {
            let is_gone = |host: &usize| {
                let mut here =
                    records.instances.values().filter(|row| host_of(row) == Some(*host)).peekable();
                here.peek().is_some()
                    && here.all(|row| row.status == ContainerInstanceStatus::Inactive)
            };
            (0..self.hosts.len()).filter(is_gone).collect()
        });
        for host in gone {
            self.hosts[host].reinstall();
            self.hosts[host].start_agent();
        }
    }

    /// Looks at the hosts again and again; never returns.
    pub async fn keep_looking(&self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            self.look();
        }
    }
}

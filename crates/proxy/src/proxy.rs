//! A proxy, and what a configuration changes about it.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use berth_proxy_protocol::{
    Action, Balancer, BalancerKind, Configuration, Listener, ListenerProtocol, TargetHealth,
};
use tokio::time::Instant;

use crate::counters::{Counters, Meter, Registry};
use crate::doors::{Doors, Place, Wanted};
use crate::flow::Flow;
use crate::front::Front;
use crate::group::{Groups, TargetIdentity};
use crate::handover::Estate;
use crate::health::Checks;
use crate::logs::Logs;
use crate::oidc;
use crate::tls::Kept;
use crate::{Findings, ListenerState, Options, State};

/// Carries traffic for as long as it is there. Dropped without [`Proxy::close`], it throws everybody out.
pub struct Proxy {
    options: Options,
    id: String,
    /// Groups and counters, which are read from elsewhere, too.
    meter: Meter,
    checks: Checks,
    tls: Kept,
    /// None if none are wanted, or if they cannot be had.
    logs: Option<Logs>,
    oidc: Arc<oidc::Shared>,
    running: Mutex<Running>,
}

struct Running {
    doors: Doors,
    state: State,
    /// Places that could not be had, by their listeners' places in the state.
    missed: Vec<(usize, Place, Wanted)>,
    /// What a process that was here before knew of targets, until there are any.
    inherited_health: Vec<TargetHealth>,
}

/// What listeners are made from: the configuration around them, and what outlives it.
pub(crate) struct Ground<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) groups: &'a Groups,
    pub(crate) options: &'a Options,
    pub(crate) counters: &'a Registry,
    pub(crate) tls: &'a Kept,
    pub(crate) logs: Option<&'a Logs>,
    pub(crate) oidc: &'a Arc<oidc::Shared>,
}

impl Proxy {
    /// Carries nothing before it has a configuration. To be called inside a tokio runtime.
    pub fn start(options: Options) -> Proxy {
        let id = format!("{:032x}", rand::random::<u128>());
        Proxy::succeeding(options, Estate { id, ..Estate::default() })
    }

    /// In place of one whose estate this is: listeners that it had and the first configuration wants are had from it, and targets are as healthy
    /// as it found them until they are checked.
    pub fn succeeding(options: Options, estate: Estate) -> Proxy {
        let running = Running {
            doors: Doors::new(options.most_connections, estate.sockets),
            state: State::default(),
            missed: Vec::new(),
            inherited_health: estate.health,
        };
        let logs = options.log_folder.clone().and_then(|folder| {
            let refused = |error| tracing::error!(%error, "access logs cannot be written");
            Logs::start(folder).map_err(refused).ok()
        });
        Proxy {
            oidc: oidc::Shared::new(options.issuer_authorities.clone(), options.issuer_patience),
            id: estate.id,
            meter: Meter::new(options.zone.clone()),
            options,
            logs,
            checks: Checks::default(),
            tls: Kept::default(),
            running: Mutex::new(running),
        }
    }

    /// Does from now on what this configuration says. Listeners that go on keep their sockets and connections, new ones
    /// are bound before old ones are let go, and one that cannot be had is told in [`Proxy::state`].
    pub fn apply(&self, configuration: &Configuration) {
        let mut running = self.running();
        let groups = self.meter.groups();
        let now = Instant::now();
        groups.apply(&configuration.target_groups, now);
        for found in std::mem::take(&mut running.inherited_health) {
            if let Some(group) = groups.get(&found.group) {
                group.set_health(TargetIdentity::of(&found.target, found.port), found.state, now);
            }
        }
        self.checks.apply(&configuration.target_groups, groups);
        let ground = Ground {
            configuration,
            groups,
            options: &self.options,
            counters: self.meter.registry(),
            tls: &self.tls,
            logs: self.logs.as_ref(),
            oidc: &self.oidc,
        };
        let mut listeners = Vec::new();
        let mut missed = Vec::new();
        let mut taken: BTreeSet<Place> = BTreeSet::new();
        for balancer in &configuration.balancers {
            for listener in &balancer.listeners {
                let wanted = Wanted::new(balancer, listener, &ground);
                for place in self.places(balancer, listener) {
                    let address = place.address;
                    let opened = match &wanted {
                        Err(problem) => Err(problem.clone()),
                        Ok(_) if taken.contains(&place) => {
                            Err("another listener has this address and port".to_owned())
                        }
                        Ok(wanted) => running
                            .doors
                            .open(place.clone(), wanted.clone())
                            .map_err(|error| error.to_string())
                            .inspect_err(|_| {
                                missed.push((listeners.len(), place.clone(), wanted.clone()));
                            }),
                    };
                    taken.insert(place);
                    let (address, problem) = match opened {
                        Ok(local) => (local, None),
                        Err(problem) => (address, Some(problem)),
                    };
                    let arn = listener.arn.clone();
                    let lack = wanted.as_ref().ok().and_then(Wanted::lack);
                    listeners.push(ListenerState { arn, address, problem, lack });
                }
            }
        }
        running.doors.retain(|place| taken.contains(place));
        let balancers: BTreeSet<&str> =
            configuration.balancers.iter().map(|balancer| &*balancer.resource).collect();
        self.meter.retain(&balancers, users(configuration));
        self.tls.retain(|arn| listeners.iter().any(|listener| listener.arn == arn));
        let balancers = configuration.balancers.iter().map(|balancer| balancer.arn.clone());
        let (revision, balancers) = (configuration.revision, balancers.collect());
        running.state = State { revision, balancers, listeners };
        running.missed = missed;
    }

    /// Looks whether addresses can be had that could not be before: somebody else may have let go of them. Whether one can.
    pub fn try_again(&self) -> bool {
        let mut running = self.running();
        let Running { doors, state, missed, .. } = &mut *running;
        let before = missed.len();
        missed.retain(|(listener, place, wanted)| {
            let listener = &mut state.listeners[*listener];
            match doors.open(place.clone(), wanted.clone()) {
                Ok(local) => {
                    (listener.address, listener.problem) = (local, None);
                    false
                }
                Err(error) => {
                    listener.problem = Some(error.to_string());
                    true
                }
            }
        });
        missed.len() < before
    }

    /// What became of the last configuration.
    pub fn state(&self) -> State {
        self.running().state.clone()
    }

    /// Which targets can be used, for reports.
    pub fn health(&self) -> &Findings {
        self.checks.findings()
    }

    /// What was counted since the start, and how many targets are healthy now.
    pub fn counters(&self) -> Counters {
        self.meter.read()
    }

    /// To read that from elsewhere.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// The same for as long as there is a proxy here, whichever process it is.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What another process needs to carry in place of this one, which goes on until [`Proxy::retire`]. Nothing may be applied meanwhile, or the
    /// other one lacks it.
    pub fn estate(&self) -> io::Result<Estate> {
        let sockets = self.running().doors.sockets()?;
        Ok(Estate { id: self.id.clone(), sockets, health: self.checks.findings().latest() })
    }

    /// Accepts nobody any more, and waits for those who are inside to end, for as long as the options give them.
    pub async fn close(self) {
        let inside = {
            let mut running = self.running();
            running.doors.retain(|_| false);
            running.doors.inside()
        };
        inside.end(tokio::time::sleep(self.options.grace)).await;
        self.end().await;
    }

    /// Leaves all who come to the process that has the estate, from now on, and waits for those who are inside to have no more to ask, or until it
    /// is enough.
    pub fn retire(self, enough: impl Future<Output = ()>) -> impl Future<Output = ()> {
        let inside = {
            let mut running = self.running();
            running.doors.leave();
            running.doors.inside()
        };
        async move {
            inside.end(enough).await;
            self.end().await;
        }
    }

    async fn end(self) {
        if let Some(logs) = self.logs {
            logs.finish().await;
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn places(&self, balancer: &Balancer, listener: &Listener) -> Vec<Place> {
        let mut addresses: BTreeSet<IpAddr> = BTreeSet::new();
        if listener.everywhere || balancer.addresses.is_empty() {
            addresses.extend(&self.options.addresses);
        }
        // Who listens on all addresses listens on the balancer's own, too.
        if !addresses.iter().any(IpAddr::is_unspecified) {
            addresses.extend(&balancer.addresses);
        }
        let transports: &[bool] = match listener.protocol {
            ListenerProtocol::Udp => &[true],
            ListenerProtocol::TcpUdp => &[false, true],
            _ => &[false],
        };
        let name = (listener.port == 0).then(|| listener.arn.clone());
        let mut places = Vec::new();
        for address in addresses {
            for &is_datagram in transports {
                let address = SocketAddr::new(address, listener.port);
                places.push(Place { address, is_datagram, name: name.clone() });
            }
        }
        places
    }
}

impl Wanted {
    fn lack(&self) -> Option<String> {
        match self {
            Wanted::Front(_) => None,
            Wanted::Flow(flow) => flow.lack().map(str::to_owned),
        }
    }

    fn new(balancer: &Balancer, listener: &Listener, ground: &Ground) -> Result<Wanted, String> {
        Ok(match balancer.kind {
            BalancerKind::Application => {
                Wanted::Front(Arc::new(Front::new(balancer, listener, ground)?))
            }
            BalancerKind::Network => Wanted::Flow(Arc::new(Flow::new(balancer, listener, ground)?)),
        })
    }
}

fn users(configuration: &Configuration) -> BTreeSet<(String, String)> {
    let mut users = BTreeSet::new();
    for balancer in &configuration.balancers {
        for listener in &balancer.listeners {
            let of_rules = listener.rules.iter().flat_map(|rule| &rule.actions);
            for action in listener.default_actions.iter().chain(of_rules) {
                let Action::Forward(forward) = action else { continue };
                let groups = forward.groups.iter().map(|weighted| weighted.group.clone());
                users.extend(groups.map(|group| (balancer.resource.clone(), group)));
            }
        }
    }
    users
}

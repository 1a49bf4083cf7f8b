//! One server's process, again and again.

use std::sync::Arc;
use std::time::Duration;

use berth_control::cell::{Cell, Standing};
use berth_control::idempotency::ExpireClientTokens;
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::following::{FollowingOptions, ForwardingKey};
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions};
use berth_control::reconcile::{self, Reconcilers};
use berth_ecs::{Ecs, Limits, Patience};
use tokio::sync::mpsc;

use super::{LOST_AFTER, Order, Parts, Storage};
use crate::life::Life;
use crate::machine_clock::MachineClock;
use crate::network::{self, address};
use crate::trace::tell;

/// How long a supervisor waits before it starts a server again that ended by itself.
const RESTART: Duration = Duration::from_secs(1);
/// How long a server that was told to end may take.
const FAREWELL: Duration = Duration::from_secs(30);

pub(super) struct Server {
    pub number: usize,
    pub storage: Storage,
    pub clock: MachineClock,
    pub parts: Parts,
}

/// One life of the server.
struct Running {
    cell: Cell,
    life: Life,
    ecs: Arc<Ecs>,
    reconcilers: Reconcilers,
}

/// Why a life is over.
enum End {
    Ordered(Order),
    ByItself,
    /// So is the simulation.
    Over,
}

impl Server {
    pub async fn run(self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            let mut running = match self.start().await {
                Ok(running) => running,
                // Whoever shares its store may not reach it; whoever has its own does.
                Err(error) if matches!(self.storage, Storage::Shared(_)) => {
                    tell!(self.parts.trace, "{} does not start: {error:#}", self.name());
                    tokio::time::sleep(RESTART).await;
                    continue;
                }
                Err(error) => {
                    let what = format!("the server does not start: {error:#}");
                    return self.parts.inspector.report("start", what);
                }
            };
            let down_for = match self.live(&mut running, &mut orders).await {
                End::Over => return,
                End::ByItself => RESTART,
                End::Ordered(Order::Crash { down_for }) => {
                    tell!(self.parts.trace, "{} is killed", self.name());
                    self.storage.crash();
                    down_for
                }
                End::Ordered(Order::Restart) => {
                    tell!(self.parts.trace, "{} is told to end", self.name());
                    self.parts.network.connect(self.number, None);
                    // A store that it does not reach keeps it from ending well, and no longer than this.
                    drop(tokio::time::timeout(FAREWELL, running.cell.close()).await);
                    RESTART
                }
            };
            self.bury(running);
            tokio::time::sleep(down_for).await;
            // It was down: these had nothing to kill.
            while orders.try_recv().is_ok() {}
        }
    }

    /// Until something ends it.
    async fn live(
        &self,
        running: &mut Running,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> End {
        let cell = running.cell.clone();
        let mut leads = false;
        loop {
            let risen = cell.until(|standing| !matches!(standing, Standing::Following { .. }));
            tokio::select! {
                biased;
                order = orders.recv() => return order.map_or(End::Over, End::Ordered),
                error = cell.failed() => {
                    tell!(self.parts.trace, "{} ends: {error}", self.name());
                    return End::ByItself;
                }
                standing = risen, if !leads => if standing == Standing::Leading {
                    leads = true;
                    running.lead();
                    tell!(self.parts.trace, "{} leads", self.name());
                },
            }
        }
    }

    async fn start(&self) -> anyhow::Result<Running> {
        let Parts { network, inspector, .. } = &self.parts;
        let env = self.parts.env(self.clock.clone());
        let life = Life::new();
        let cell = self.storage.open(self, &life).await?;
        if matches!(self.storage, Storage::Own(_)) {
            // Subscribed first, so that nothing falls between the two.
            let changes = cell.changes();
            inspector.loaded(&cell.snapshot());
            life.spawn(inspector.clone().follow(changes));
        }
        let patience = Patience {
            lost_after: Some(LOST_AFTER),
            task_warm_up: Duration::ZERO,
            ..Patience::default()
        };
        let here = address(self.number);
        let (cell_of, env_of) = (cell.clone(), env.clone());
        let ecs = Ecs::with_patience(cell_of, env_of, Limits::default(), patience, &*here);
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        let tokens = Arc::new(ExpireClientTokens::new(cell.clone(), env));
        reconcilers.start(tokens, reconcile::Options::default());
        let endpoint = self.endpoint(&cell, &ecs)?;
        network.connect(self.number, Some(network::Server { endpoint, life: life.clone() }));
        tell!(self.parts.trace, "{} is up", self.name());
        Ok(Running { cell, life, ecs, reconcilers })
    }

    fn endpoint(&self, cell: &Cell, ecs: &Arc<Ecs>) -> anyhow::Result<Endpoint> {
        let mut endpoint = EndpointBuilder::new(EndpointOptions {
            env: self.parts.env(self.clock.clone()),
            account: "000000000001".parse()?,
            default_region: "sim-1".parse()?,
            authenticator: Arc::new(OpenAuthenticator),
            authorizer: Arc::new(AllowAll),
            metrics: Metrics::new(),
        });
        if matches!(self.storage, Storage::Shared(_)) {
            endpoint = endpoint.following(FollowingOptions {
                cell: cell.clone(),
                own_address: address(self.number),
                relay: Arc::new(self.parts.network.relay(self.number)),
                key: ForwardingKey::new(b"what every server of the cell has"[..32].try_into()?),
            });
        }
        Ok(endpoint.service(ecs.service()).build()?)
    }

    fn bury(&self, running: Running) {
        self.parts.network.connect(self.number, None);
        running.life.end();
        // Whatever still runs reaches no store any more; this only frees it.
        tokio::spawn(running.reconcilers.shutdown());
    }

    fn name(&self) -> String {
        match self.storage {
            Storage::Own(_) => "the server".to_owned(),
            Storage::Shared(_) => network::Place::Server(self.number).to_string(),
        }
    }
}

impl Running {
    /// What a leader alone does.
    fn lead(&mut self) {
        self.ecs.start(&mut self.reconcilers);
    }
}

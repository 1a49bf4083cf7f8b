//! The control plane's process: started from the store, killed, and started again.
//!
//! Nothing survives a crash but what the store had made durable: tables, sessions, reconcilers and requests
//! under way are all gone. Whoever supervises a real server would start it again; so does [`ControlPlane::run`].

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use berth_control::cell::Cell;
use berth_control::env::{Env, IdSource, SeededIds};
use berth_control::idempotency::{ClientToken, ExpireClientTokens};
use berth_control::metrics::Metrics;
use berth_control::pipeline::authenticate::OpenAuthenticator;
use berth_control::pipeline::{AllowAll, Endpoint, EndpointBuilder, EndpointOptions};
use berth_control::reconcile::{self, Reconcilers};
use berth_control::tables::Schema;
use berth_ecs::{Ecs, Limits, Patience};
use berth_store::{Faults, MemoryStore};
use tokio::sync::mpsc;

use crate::inspector::Inspector;
use crate::life::Life;
use crate::network::{ADDRESS, Network, Server};
use crate::trace::{Trace, tell};

/// How long a host may be disconnected before it is lost: short, so that it happens, and longer than most mishaps.
pub const LOST_AFTER: Duration = Duration::from_secs(120);

/// How long a supervisor waits before it starts a server again that ended by itself.
const RESTART: Duration = Duration::from_secs(1);

pub struct ControlPlane {
    store: MemoryStore,
    clock: Arc<dyn berth_control::env::Clock>,
    ids: Arc<dyn IdSource>,
    network: Network,
    inspector: Inspector,
    trace: Trace,
}

/// How others reach the control plane's process. Clones are for the same one.
#[derive(Clone)]
pub struct Control {
    store: MemoryStore,
    crash: mpsc::UnboundedSender<Duration>,
}

/// One life of the server.
struct Running {
    cell: Cell,
    life: Life,
    reconcilers: Reconcilers,
}

impl Control {
    /// Kills the server; it is started again after this long. Nothing, if it is down already.
    pub fn crash(&self, down_for: Duration) {
        // The other end lives as long as the simulation.
        let _ = self.crash.send(down_for);
    }

    /// Makes the store slow, or makes it fail.
    pub fn set_store_faults(&self, faults: Faults) {
        self.store.set_faults(faults);
    }
}

impl ControlPlane {
    pub fn new(
        seed: u64,
        clock: Arc<dyn berth_control::env::Clock>,
        network: Network,
        inspector: Inspector,
        trace: Trace,
    ) -> Self {
        let (store, ids) = (MemoryStore::new(), Arc::new(SeededIds::new(seed)));
        Self { store, clock, ids, network, inspector, trace }
    }

    /// Keeps a server running for as long as the simulation lasts.
    pub fn run(self) -> Control {
        let (crash, mut crashes) = mpsc::unbounded_channel();
        let control = Control { store: self.store.clone(), crash };
        tokio::spawn(async move {
            loop {
                let running = match self.start().await {
                    Ok(running) => running,
                    Err(error) => {
                        self.inspector
                            .report("start", format!("the server does not start: {error:#}"));
                        return;
                    }
                };
                let down_for = tokio::select! {
                    biased;
                    crash = crashes.recv() => match crash {
                        Some(down_for) => {
                            tell!(self.trace, "the server is killed");
                            self.store.crash();
                            down_for
                        }
                        // The simulation is over.
                        None => return,
                    },
                    error = running.cell.failed() => {
                        tell!(self.trace, "the server ends: {error}");
                        RESTART
                    }
                };
                self.bury(running);
                tokio::time::sleep(down_for).await;
                // It was down: these had nothing to kill.
                while crashes.try_recv().is_ok() {}
            }
        });
        control
    }

    async fn start(&self) -> anyhow::Result<Running> {
        let env = Env { clock: self.clock.clone(), ids: self.ids.clone() };
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &env);
        let cell =
            Cell::open(Arc::new(self.store.clone()), schema).await.context("opening the cell")?;
        let life = Life::new();
        // Subscribed first, so that nothing falls between the two.
        let changes = cell.changes();
        self.inspector.loaded(&cell.snapshot());
        life.spawn(self.inspector.clone().follow(changes));
        let patience = Patience {
            lost_after: Some(LOST_AFTER),
            task_warm_up: Duration::ZERO,
            ..Patience::default()
        };
        let ecs =
            Ecs::with_patience(cell.clone(), env.clone(), Limits::default(), patience, ADDRESS);
        let mut reconcilers = Reconcilers::new(cell.clone(), env.clone());
        let tokens = Arc::new(ExpireClientTokens::new(cell.clone(), env.clone()));
        reconcilers.start(tokens, reconcile::Options::default());
        ecs.start(&mut reconcilers);
        let endpoint = endpoint(env, &ecs)?;
        self.network.connect(Some(Server { endpoint, life: life.clone() }));
        tell!(self.trace, "the server is up");
        Ok(Running { cell, life, reconcilers })
    }

    fn bury(&self, running: Running) {
        self.network.connect(None);
        running.life.end();
        // The cell has ended, so whatever still runs can write nothing; this only frees it.
        tokio::spawn(running.reconcilers.shutdown());
    }
}

fn endpoint(env: Env, ecs: &Arc<Ecs>) -> anyhow::Result<Endpoint> {
    let endpoint = EndpointBuilder::new(EndpointOptions {
        env,
        account: "000000000001".parse()?,
        default_region: "sim-1".parse()?,
        authenticator: Arc::new(OpenAuthenticator),
        authorizer: Arc::new(AllowAll),
        metrics: Metrics::new(),
    });
    Ok(endpoint.service(ecs.service()).build()?)
}

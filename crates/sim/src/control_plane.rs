//! The control plane's processes: started from the store, killed, and started again.
//!
//! There is one server with a store of its own, or several that share one ([`Quorum`]). Nothing survives a crash but what the
//! store had made durable: tables, sessions, reconcilers and requests under way are all gone. Whoever supervises a real server
//! would start it again; so does [`Server::run`].

mod server;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use berth_control::cell::{Cell, Options};
use berth_control::env::{Clock, Env, IdSource, SeededIds, TokioClock};
use berth_control::idempotency::ClientToken;
use berth_control::tables::Schema;
use berth_store::{Faults, Leader, MemoryStore, Store};
use tokio::sync::mpsc;

use crate::inspector::Inspector;
use crate::life::Life;
use crate::machine_clock::MachineClock;
use crate::network::{Network, address};
use crate::quorum::{Onlooker, Quorum};
use crate::trace::Trace;
use server::Server;

/// How long a host may be disconnected before it is lost: short, so that it happens, and longer than most mishaps.
pub const LOST_AFTER: Duration = Duration::from_secs(120);

/// How long the leader of several servers may be silent.
const LEASE: Duration = Duration::from_secs(5);

/// How others reach the control plane's processes. Clones are for the same ones.
#[derive(Clone)]
pub struct Control {
    records: MemoryStore,
    servers: Vec<Machine>,
}

/// Where a server runs.
#[derive(Clone)]
struct Machine {
    orders: mpsc::UnboundedSender<Order>,
    clock: MachineClock,
}

/// What befalls a server.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// It is killed, and started again after this long.
    Crash { down_for: Duration },
    /// It is told to end, and started again.
    Restart,
}

/// What every server is made of.
#[derive(Clone)]
struct Parts {
    /// The right one.
    clock: TokioClock,
    ids: Arc<dyn IdSource>,
    network: Network,
    inspector: Inspector,
    trace: Trace,
}

/// What a server keeps its tables in.
enum Storage {
    Own(MemoryStore),
    /// The records that all share.
    Shared(MemoryStore),
}

/// Keeps so many servers running for as long as the simulation lasts.
pub fn run(
    servers: usize,
    seed: u64,
    clock: TokioClock,
    network: Network,
    inspector: Inspector,
    trace: Trace,
) -> Control {
    let (records, ids) = (MemoryStore::new(), Arc::new(SeededIds::new(seed)));
    let parts = Parts { clock, ids, network, inspector, trace };
    let is_shared = servers > 1;
    if is_shared {
        tokio::spawn(look_on(parts.clone(), records.clone()));
    }
    let start = |number| {
        let (order, orders) = mpsc::unbounded_channel();
        let records = records.clone();
        let storage = if is_shared { Storage::Shared(records) } else { Storage::Own(records) };
        let clock = MachineClock::new(clock);
        let server = Server { number, storage, clock: clock.clone(), parts: parts.clone() };
        tokio::spawn(server.run(orders));
        Machine { orders: order, clock }
    };
    let servers = (0..servers).map(start).collect();
    Control { records, servers }
}

/// Shows the inspector what is committed, whoever commits it and whoever knows.
async fn look_on(parts: Parts, records: MemoryStore) {
    let inspector = parts.inspector.clone();
    let watched = async {
        let store = Arc::new(Onlooker(records));
        let cell = Cell::follow(store, parts.schema(parts.clock), Options::default()).await?;
        let changes = cell.changes();
        inspector.loaded(&cell.snapshot());
        inspector.clone().follow(changes).await;
        anyhow::Ok(cell.failed().await)
    };
    // It never ends by itself.
    match watched.await {
        Ok(reason) => inspector.report("onlooker", format!("it can follow no more: {reason}")),
        Err(error) => inspector.report("onlooker", format!("it cannot follow: {error:#}")),
    }
}

impl Control {
    /// Kills the server that leads, or the only one; it is started again after this long. Nothing, if it is down already.
    pub fn crash(&self, down_for: Duration) {
        let leader = self.leader();
        self.crash_server(leader.unwrap_or_default(), down_for);
    }

    /// The same with this server.
    pub fn crash_server(&self, server: usize, down_for: Duration) {
        self.order(server, Order::Crash { down_for });
    }

    /// Tells this server to end.
    pub fn restart(&self, server: usize) {
        self.order(server, Order::Restart);
    }

    /// Which of several servers leads as far as the store knows.
    pub fn leader(&self) -> Option<usize> {
        let Leader { candidate, .. } = self.records.leader().borrow().clone()?;
        (0..self.servers.len()).find(|number| address(*number) == candidate)
    }

    pub fn servers(&self) -> usize {
        self.servers.len()
    }

    /// Makes the store slow, or makes it fail.
    pub fn set_store_faults(&self, faults: Faults) {
        self.records.set_faults(faults);
    }

    /// Sets the clock of a server's machine so much ahead, or back.
    pub fn set_clock(&self, server: usize, ahead_millis: i64) {
        self.servers[server].clock.set_ahead(ahead_millis);
    }

    fn order(&self, server: usize, order: Order) {
        // The other end lives as long as the simulation.
        let _ = self.servers[server].orders.send(order);
    }
}

impl Parts {
    fn env(&self, clock: impl Clock) -> Env {
        Env { clock: Arc::new(clock), ids: self.ids.clone() }
    }

    fn schema(&self, clock: impl Clock) -> Schema {
        let mut schema = Schema::new();
        schema.table::<ClientToken>();
        berth_ecs::register_tables(&mut schema, &self.env(clock));
        schema
    }
}

impl Storage {
    async fn open(&self, server: &Server, life: &Life) -> anyhow::Result<Cell> {
        let Server { number, parts, clock, .. } = server;
        let schema = parts.schema(clock.clone());
        let cell = match self {
            Storage::Own(store) => Cell::open(Arc::new(store.clone()), schema).await,
            Storage::Shared(records) => {
                let store = Quorum::new(records, &parts.network, (*number, life), LEASE);
                let options = Options { candidate: address(*number), ..Options::default() };
                Cell::follow(Arc::new(store), schema, options).await
            }
        };
        cell.context("opening the cell")
    }

    /// Its server is dead. What it had sent to others is on its way.
    fn crash(&self) {
        if let Storage::Own(store) = self {
            store.crash();
        }
    }
}

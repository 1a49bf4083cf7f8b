//! The wires between clients, agents and the control plane, and all that goes wrong on them.
//!
//! Requests go through the real [`Endpoint`] and come back as the answer that a client would parse; web
//! sockets are the real session's end joined to the agent's by two lanes of frames. Every delay, loss,
//! duplicate and detour is drawn from the seed. [`Weather`] says how bad it is where.
//!
//! What is drawn here is worse than TCP: single frames may be lost, doubled or overtaken. The agent
//! protocol acknowledges and repeats, so it has to bear that too.
//!
//! Start with `weather.rs`, then `call.rs` (one request) and `lane.rs` (one direction of a socket).

mod call;
mod lane;
mod line;
mod socket;
mod weather;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_control::pipeline::{Endpoint, Peer};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::dice::Dice;
use crate::life::Life;
use crate::trace::{Trace, tell};

pub use line::Line;
pub use weather::{Way, Weather};

/// Where the control plane tells agents that it is.
pub const ADDRESS: &str = "http://control-plane.sim";

/// One end of a wire; the other is always the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Clients,
    Host(usize),
}

/// All wires. Clones are the same network.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    trace: Trace,
    state: Mutex<State>,
    /// Some wire is not blocked any more.
    cleared: Notify,
}

struct State {
    dice: Dice,
    server: Option<Server>,
    weather: BTreeMap<Place, Weather>,
    connections: BTreeMap<u64, (Place, CancellationToken)>,
    last_connection: u64,
}

/// A control plane that takes requests, and the process that it is.
#[derive(Clone)]
pub struct Server {
    pub endpoint: Endpoint,
    pub life: Life,
}

impl Network {
    pub fn new(dice: Dice, trace: Trace) -> Self {
        let state = State {
            dice,
            server: None,
            weather: BTreeMap::new(),
            connections: BTreeMap::new(),
            last_connection: 0,
        };
        Self(Arc::new(Inner { trace, state: Mutex::new(state), cleared: Notify::new() }))
    }

    /// From now on requests reach this server; none, if `None`.
    pub fn connect(&self, server: Option<Server>) {
        self.state().server = server;
    }

    pub fn set_weather(&self, place: Place, weather: Weather) {
        tell!(self.0.trace, "weather at {place}: {weather:?}");
        self.state().weather.insert(place, weather);
        self.0.cleared.notify_waiters();
    }

    /// Fair weather everywhere.
    pub fn calm(&self) {
        self.state().weather.clear();
        self.0.cleared.notify_waiters();
        tell!(self.0.trace, "fair weather everywhere");
    }

    /// Breaks every open socket of this place.
    pub fn cut(&self, place: Place) {
        let connections = self.state().connections.clone();
        let here = connections.values().filter(|(end, _)| *end == place);
        let count = here.clone().count();
        tell!(self.0.trace, "{count} sockets of {place} are cut");
        here.for_each(|(_, cut)| cut.cancel());
    }

    fn server(&self) -> Option<Server> {
        self.state().server.clone()
    }

    fn weather(&self, place: Place) -> Weather {
        self.state().weather.get(&place).cloned().unwrap_or_default()
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut Dice) -> T) -> T {
        draw(&mut self.state().dice)
    }

    /// Waits until this way is open; false if it takes longer than `patience`.
    async fn opened(&self, place: Place, way: Way, patience: Duration) -> bool {
        let opened = async {
            loop {
                let cleared = self.0.cleared.notified();
                if !self.weather(place).blocks(way) {
                    return;
                }
                cleared.await;
            }
        };
        tokio::time::timeout(patience, opened).await.is_ok()
    }

    /// A new connection's number, and what cuts it.
    fn register(&self, place: Place) -> (u64, CancellationToken) {
        let mut state = self.state();
        state.last_connection += 1;
        let (number, cut) = (state.last_connection, CancellationToken::new());
        state.connections.insert(number, (place, cut.clone()));
        (number, cut)
    }

    fn forget(&self, connection: u64) {
        self.state().connections.remove(&connection);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment: a panic elsewhere leaves it whole.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn peer(self) -> Peer {
        let last = match self {
            Place::Clients => 1,
            Place::Host(number) => 10 + u8::try_from(number).unwrap_or(u8::MAX - 10),
        };
        Peer::plain(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Clients => f.write_str("clients"),
            Place::Host(number) => write!(f, "host-{number}"),
        }
    }
}

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
mod relay;
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

/// One end of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Clients,
    Host(usize),
    /// A server of the control plane.
    Server(usize),
    /// The store, as the server of this number reaches it.
    Store(usize),
}

/// The way between somebody and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub from: Place,
    pub server: usize,
}

/// All wires. Clones are the same network.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    trace: Trace,
    /// How many servers there are, up or down.
    servers: usize,
    state: Mutex<State>,
    /// Some wire is not blocked any more.
    cleared: Notify,
}

struct State {
    dice: Dice,
    /// Those that are up.
    servers: BTreeMap<usize, Server>,
    /// Which server each place turns to.
    turned_to: BTreeMap<Place, usize>,
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
    /// The wires to so many servers.
    pub fn new(dice: Dice, trace: Trace, servers: usize) -> Self {
        let state = State {
            dice,
            servers: BTreeMap::new(),
            turned_to: BTreeMap::new(),
            weather: BTreeMap::new(),
            connections: BTreeMap::new(),
            last_connection: 0,
        };
        let (state, cleared) = (Mutex::new(state), Notify::new());
        Self(Arc::new(Inner { trace, servers, state, cleared }))
    }

    /// From now on requests to the server of this number reach this process; none, if `None`.
    pub fn connect(&self, number: usize, server: Option<Server>) {
        let servers = &mut self.state().servers;
        match server {
            Some(server) => servers.insert(number, server),
            None => servers.remove(&number),
        };
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

    fn server(&self, number: usize) -> Option<Server> {
        self.state().servers.get(&number).cloned()
    }

    /// The way to the server that this place turns to. Users turn to another one each time, so that what one server told
    /// is soon held against another.
    fn route(&self, from: Place) -> Route {
        let mut state = self.state();
        let server = state.turned_to.entry(from).or_default();
        if from == Place::Clients {
            *server = (*server + 1) % self.0.servers;
        }
        Route { from, server: *server }
    }

    /// Nobody answered there, or only that nobody leads: the next call goes to the next server.
    fn turn_away(&self, route: Route) {
        self.state().turned_to.insert(route.from, (route.server + 1) % self.0.servers);
    }

    fn weather(&self, route: Route) -> Weather {
        let state = self.state();
        let at = |place: Place| state.weather.get(&place).cloned();
        let own = match route.from {
            // What comes from a server goes up the other's wire, and down its own.
            Place::Server(_) => at(route.from).map(Weather::turned),
            from => at(from),
        };
        let own = own.unwrap_or_default();
        at(Place::Server(route.server)).map_or(own.clone(), |there| own.and(&there))
    }

    /// One message to a server's store or from it; false if it is held up for longer than `patience`.
    pub async fn carry_to_store(&self, server: usize, way: Way, patience: Duration) -> bool {
        let place = Place::Store(server);
        let weather = || self.state().weather.get(&place).cloned().unwrap_or_default();
        let latency = weather().latency;
        tokio::time::sleep(self.draw(|dice| dice.duration(&latency))).await;
        self.cleared(|| !weather().blocks(way), patience).await
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut Dice) -> T) -> T {
        draw(&mut self.state().dice)
    }

    /// Waits until this way is open; false if it takes longer than `patience`.
    async fn opened(&self, route: Route, way: Way, patience: Duration) -> bool {
        self.cleared(|| !self.weather(route).blocks(way), patience).await
    }

    async fn cleared(&self, is_open: impl Fn() -> bool, patience: Duration) -> bool {
        let opened = async {
            loop {
                let cleared = self.0.cleared.notified();
                if is_open() {
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
            Place::Server(number) | Place::Store(number) => 2 + u8::try_from(number).unwrap_or(0),
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
            Place::Server(number) => write!(f, "server-{number}"),
            Place::Store(number) => write!(f, "the store of server-{number}"),
        }
    }
}

/// Where a server tells agents, and other servers, that it is.
pub fn address(server: usize) -> String {
    format!("http://{}.sim", Place::Server(server))
}

/// The server that is there.
fn server_at(address: &str) -> Option<usize> {
    address.strip_prefix("http://server-")?.strip_suffix(".sim")?.parse().ok()
}

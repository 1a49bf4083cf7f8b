//! What goes wrong, and when.
//!
//! A [`Mishap`] is drawn from the seed, strikes at once and, if it lasts, mends itself after a while. Several
//! may be under way at the same time and place.

mod drawing;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use berth_runtime::{ErrorKind, Verb};
use berth_store::Faults as StoreFaults;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::network::{Place, Weather};
use crate::trace::tell;
use crate::world::World;

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Mishap {
    /// The agent is killed and started again.
    AgentCrash {
        host: usize,
        down_for: Duration,
    },
    /// The server is killed and started again from its store.
    ServerCrash {
        down_for: Duration,
    },
    /// A commit fails, or is made and not told; either ends the server.
    StoreFailure {
        is_written: bool,
    },
    SlowStore {
        delay: Duration,
        lasts: Duration,
    },
    /// Every socket of the host breaks.
    Cut {
        host: usize,
    },
    /// Messages are lost, doubled, late and out of order.
    Storm {
        place: Place,
        loss: f64,
        duplication: f64,
        reordering: f64,
        lasts: Duration,
    },
    Partition {
        place: Place,
        up: bool,
        down: bool,
        lasts: Duration,
    },
    /// One container ends by itself.
    ContainerEnds {
        host: usize,
        which: usize,
        code: i64,
        oom_killed: bool,
    },
    /// The registry loses an image.
    ImageVanishes {
        host: usize,
        image: &'static str,
        lasts: Duration,
    },
    /// Somebody pushes another image under a name.
    TagMoves {
        image: &'static str,
    },
    /// Calls of the engine take long.
    SlowEngine {
        host: usize,
        delay: Duration,
        lasts: Duration,
    },
    /// Calls of the engine fail, some of them after they were done.
    FlakyEngine {
        host: usize,
        rate: f64,
        lasts: Duration,
    },
    /// The next call fails for good.
    EngineError {
        host: usize,
        verb: Verb,
    },
    /// The engine tells nobody what happens.
    LostEvents {
        host: usize,
        lasts: Duration,
    },
    EngineHangs {
        host: usize,
        lasts: Duration,
    },
    /// The engine is restarted; containers live on.
    EngineRestart {
        host: usize,
        down_for: Duration,
    },
    /// Nothing can be written on the machine.
    DiskFull {
        host: usize,
        lasts: Duration,
    },
    /// The machine is restarted: containers are killed, the agent comes back with it.
    Reboot {
        host: usize,
        down_for: Duration,
    },
    /// One of several servers is killed and started again.
    ServerLost {
        server: usize,
        down_for: Duration,
    },
    /// One of several servers is told to end, and started again.
    ServerRestart {
        server: usize,
    },
    /// Nothing gets from a server to the store, or back, or neither.
    StorePartition {
        server: usize,
        up: bool,
        down: bool,
        lasts: Duration,
    },
    /// The same between a server and everybody else: clients, hosts, other servers.
    ServerPartition {
        server: usize,
        up: bool,
        down: bool,
        lasts: Duration,
    },
    /// Nothing is heard of a server, and it hears nothing, as if it stood still; then it goes on.
    ServerPause {
        server: usize,
        lasts: Duration,
    },
    /// The clock of a server's machine is set wrong, and later right again.
    ServerClock {
        server: usize,
        ahead_millis: i64,
        lasts: Duration,
    },
    /// The same on a host.
    HostClock {
        host: usize,
        ahead_millis: i64,
        lasts: Duration,
    },
    /// Nothing is heard of the machine for so long that it counts as lost: it has no power, or only no line.
    Absence {
        host: usize,
        is_off: bool,
        lasts: Duration,
    },
}

/// At most, ahead or behind: two such machines differ by less than the five minutes that servers allow each other.
const WRONG_MILLIS: u32 = 120_000;
pub const WRONG: Duration = Duration::from_millis(WRONG_MILLIS as u64);

impl Mishap {
    /// Strikes, and mends itself. Returns when it is over.
    pub async fn strike(self, world: &World) {
        tell!(world.trace, "mishap: {self:?}");
        let engine = |host: usize| &world.hosts[host].engine;
        match self {
            Self::AgentCrash { host, down_for } => {
                world.hosts[host].kill_agent();
                sleep(down_for).await;
                world.hosts[host].start_agent();
            }
            Self::ServerCrash { down_for } => {
                world.control.crash(down_for);
                sleep(down_for).await;
            }
            Self::StoreFailure { is_written } => {
                let count = |is_this: bool| u32::from(is_this);
                world.control.set_store_faults(StoreFaults {
                    refuse: count(!is_written),
                    lose_answer: count(is_written),
                    ..StoreFaults::default()
                });
            }
            Self::SlowStore { delay, lasts } => {
                world.control.set_store_faults(StoreFaults { delay, ..StoreFaults::default() });
                sleep(lasts).await;
                world.control.set_store_faults(StoreFaults::default());
            }
            Self::Cut { host } => world.network.cut(Place::Host(host)),
            Self::Storm { place, loss, duplication, reordering, lasts } => {
                let latency = Duration::from_millis(1)..=Duration::from_millis(400);
                let storm =
                    Weather { latency, loss, duplication, reordering, ..Weather::default() };
                under(world, place, storm, lasts).await;
            }
            Self::Partition { place, up, down, lasts } => {
                under(world, place, blocked(up, down), lasts).await;
            }
            Self::ContainerEnds { host, which, code, oom_killed } => {
                let running = engine(host).running();
                if !running.is_empty() {
                    let name = &running[which % running.len()].spec.name;
                    let code = if oom_killed { 137 } else { code };
                    tell!(world.trace, "host-{host}: {name} ends with {code}");
                    engine(host).kill(name, code, oom_killed);
                }
            }
            Self::ImageVanishes { host, image, lasts } => {
                engine(host).unpublish(image);
                sleep(lasts).await;
                world.registry.publish(engine(host));
            }
            Self::TagMoves { image } => {
                world.registry.move_tag(image);
                world.hosts.iter().for_each(|host| world.registry.publish(&host.engine));
            }
            Self::SlowEngine { host, delay, lasts } => {
                for verb in VERBS {
                    engine(host).delay(*verb, Duration::ZERO..=delay);
                }
                sleep(lasts).await;
                engine(host).heal();
            }
            Self::FlakyEngine { host, rate, lasts } => {
                for verb in VERBS {
                    engine(host).fail_at_random(*verb, rate);
                }
                sleep(lasts).await;
                engine(host).heal();
            }
            Self::EngineError { host, verb } => {
                engine(host).fail_next(verb, ErrorKind::Failed, "the engine is out of sorts");
            }
            Self::LostEvents { host, lasts } => {
                engine(host).lose_events(0.7);
                sleep(lasts).await;
                engine(host).lose_events(0.0);
            }
            Self::EngineHangs { host, lasts } => {
                engine(host).hang();
                sleep(lasts).await;
                engine(host).come_up();
            }
            Self::EngineRestart { host, down_for } => {
                engine(host).go_down();
                sleep(down_for).await;
                engine(host).come_up();
            }
            Self::DiskFull { host, lasts } => {
                world.hosts[host].fill_disk();
                sleep(lasts).await;
                world.hosts[host].free_disk();
            }
            Self::Reboot { host, down_for } => switch_off(world, host, down_for).await,
            Self::Absence { host, is_off: true, lasts } => switch_off(world, host, lasts).await,
            Self::ServerLost { server, down_for } => {
                world.control.crash_server(server, down_for);
                sleep(down_for).await;
            }
            Self::ServerRestart { server } => world.control.restart(server),
            Self::StorePartition { server, up, down, lasts } => {
                under(world, Place::Store(server), blocked(up, down), lasts).await;
            }
            Self::ServerPartition { server, up, down, lasts } => {
                under(world, Place::Server(server), blocked(up, down), lasts).await;
            }
            Self::ServerPause { server, lasts } => {
                let (store, others) = (Place::Store(server), Place::Server(server));
                let still = || blocked(true, true);
                let store = under(world, store, still(), lasts);
                tokio::join!(store, under(world, others, still(), lasts));
            }
            Self::ServerClock { server, ahead_millis, lasts } => {
                world.control.set_clock(server, ahead_millis);
                sleep(lasts).await;
                world.control.set_clock(server, 0);
            }
            Self::HostClock { host, ahead_millis, lasts } => {
                world.hosts[host].clock.set_ahead(ahead_millis);
                sleep(lasts).await;
                world.hosts[host].clock.set_ahead(0);
            }
            Self::Absence { host, is_off: false, lasts } => {
                under(world, Place::Host(host), blocked(true, true), lasts).await;
            }
        }
    }
}

async fn switch_off(world: &World, host: usize, down_for: Duration) {
    let machine = &world.hosts[host];
    machine.kill_agent();
    machine.engine.reboot();
    machine.engine.go_down();
    sleep(down_for).await;
    machine.engine.come_up();
    machine.start_agent();
}

/// Everything that an agent asks of an engine while tasks live.
const VERBS: &[Verb] = &[
    Verb::Pull,
    Verb::InspectImage,
    Verb::Create,
    Verb::Start,
    Verb::Stop,
    Verb::Remove,
    Verb::Inspect,
    Verb::List,
    Verb::Stats,
];

fn blocked(up: bool, down: bool) -> Weather {
    Weather { up_blocked: up, down_blocked: down, ..Weather::default() }
}

async fn under(world: &World, place: Place, weather: Weather, lasts: Duration) {
    world.network.set_weather(place, weather);
    sleep(lasts).await;
    world.network.set_weather(place, Weather::default());
}

/// Between two mishaps.
const PAUSE: RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(12);

/// What strikes only where it is asked for.
#[derive(Clone, Copy)]
pub struct More {
    pub outages: bool,
    pub clocks: bool,
}

/// Lets mishap after mishap strike until told to stop, and returns when the last is over.
pub async fn torment(
    world: Arc<World>,
    mut dice: Dice,
    more: More,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut under_way = JoinSet::new();
    while stop.run_until_cancelled(sleep(dice.duration(&PAUSE))).await.is_some() {
        let (hosts, servers) = (world.hosts.len(), world.control.servers());
        let mishap = if more.clocks && dice.chance(0.2) {
            Mishap::draw_clock(&mut dice, hosts, servers)
        } else if servers > 1 && dice.chance(0.3) {
            Mishap::draw_election(&mut dice, servers)
        } else if more.outages && dice.chance(0.15) {
            Mishap::draw_outage(&mut dice, hosts)
        } else {
            Mishap::draw(&mut dice, hosts)
        };
        let world = world.clone();
        under_way.spawn(async move { mishap.strike(&world).await });
    }
    under_way.join_all().await;
}

//! What goes wrong, and when.
//!
//! A [`Mishap`] is drawn from the seed, strikes at once and, if it lasts, mends itself after a while. Several
//! may be under way at the same time and place.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use berth_runtime::{ErrorKind, Verb};
use berth_store::Faults as StoreFaults;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::network::{Place, Weather};
use crate::programs;
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
    /// Nothing is heard of the machine for so long that it counts as lost: it has no power, or only no line.
    Absence {
        host: usize,
        is_off: bool,
        lasts: Duration,
    },
}

const SHORT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(5);
const LONG: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(90);
/// Longer than it takes until a host is lost.
const VERY_LONG: RangeInclusive<Duration> = Duration::from_secs(240)..=Duration::from_secs(480);
const PAUSE: RangeInclusive<Duration> = Duration::from_millis(200)..=Duration::from_secs(12);

type Draw = fn(&mut Dice, usize) -> Mishap;

/// Kinds of mishaps with their weights.
const KINDS: &[(u32, Draw)] = &[
    (6, |dice, hosts| Mishap::AgentCrash { host: dice.below(hosts), down_for: either(dice) }),
    (4, |dice, _| Mishap::ServerCrash { down_for: either(dice) }),
    (2, |dice, _| Mishap::StoreFailure { is_written: dice.chance(0.5) }),
    (2, |dice, _| Mishap::SlowStore {
        delay: dice.duration(&(Duration::from_millis(5)..=Duration::from_millis(900))),
        lasts: dice.duration(&LONG),
    }),
    (4, |dice, hosts| Mishap::Cut { host: dice.below(hosts) }),
    (6, |dice, hosts| Mishap::Storm {
        place: place(dice, hosts),
        loss: up_to_a_third(dice),
        duplication: up_to_a_third(dice),
        reordering: up_to_a_third(dice),
        lasts: dice.duration(&LONG),
    }),
    (4, |dice, hosts| {
        let (up, down) = ways(dice);
        Mishap::Partition { place: place(dice, hosts), up, down, lasts: dice.duration(&LONG) }
    }),
    (6, |dice, hosts| Mishap::ContainerEnds {
        host: dice.below(hosts),
        which: dice.below(1000),
        code: i64::from(dice.between(0..3)),
        oom_killed: dice.chance(0.2),
    }),
    (2, |dice, hosts| Mishap::ImageVanishes {
        host: dice.below(hosts),
        image: dice.pick(&programs::published()).expect("some images are published"),
        lasts: dice.duration(&LONG),
    }),
    (2, |dice, _| Mishap::TagMoves {
        image: dice.pick(&programs::published()).expect("some images are published"),
    }),
    (2, |dice, hosts| Mishap::SlowEngine {
        host: dice.below(hosts),
        delay: dice.duration(&SHORT),
        lasts: dice.duration(&LONG),
    }),
    (3, |dice, hosts| Mishap::FlakyEngine {
        host: dice.below(hosts),
        rate: up_to_a_third(dice),
        lasts: dice.duration(&LONG),
    }),
    (2, |dice, hosts| Mishap::EngineError {
        host: dice.below(hosts),
        verb: *dice
            .pick(&[Verb::Pull, Verb::Create, Verb::Start, Verb::Stop, Verb::Inspect])
            .expect("there are verbs"),
    }),
    (2, |dice, hosts| Mishap::LostEvents { host: dice.below(hosts), lasts: dice.duration(&LONG) }),
    (2, |dice, hosts| Mishap::EngineHangs { host: dice.below(hosts), lasts: dice.duration(&LONG) }),
    (3, |dice, hosts| Mishap::EngineRestart { host: dice.below(hosts), down_for: either(dice) }),
    (2, |dice, hosts| Mishap::Reboot { host: dice.below(hosts), down_for: either(dice) }),
];

/// What befalls machines as a whole. Drawn only when it is asked for, so that the seeds without it tell what they told.
const OUTAGES: &[(u32, Draw)] = &[
    (2, |dice, hosts| Mishap::DiskFull { host: dice.below(hosts), lasts: dice.duration(&LONG) }),
    (1, |dice, hosts| Mishap::Absence {
        host: dice.below(hosts),
        is_off: dice.chance(0.5),
        lasts: dice.duration(&VERY_LONG),
    }),
];

/// What befalls one of several servers.
const ELECTIONS: &[(u32, Draw)] = &[
    (3, |dice, servers| Mishap::ServerLost { server: dice.below(servers), down_for: either(dice) }),
    (2, |dice, servers| Mishap::ServerRestart { server: dice.below(servers) }),
    (3, |dice, servers| {
        let (up, down) = ways(dice);
        let lasts = dice.duration(&LONG);
        Mishap::StorePartition { server: dice.below(servers), up, down, lasts }
    }),
    (3, |dice, servers| {
        let (up, down) = ways(dice);
        let lasts = dice.duration(&LONG);
        Mishap::ServerPartition { server: dice.below(servers), up, down, lasts }
    }),
    (3, |dice, servers| Mishap::ServerPause {
        server: dice.below(servers),
        lasts: dice.duration(&LONG),
    }),
];

impl Mishap {
    pub fn draw(dice: &mut Dice, hosts: usize) -> Self {
        dice.weighted(KINDS)(dice, hosts)
    }

    pub fn draw_election(dice: &mut Dice, servers: usize) -> Self {
        dice.weighted(ELECTIONS)(dice, servers)
    }

    pub fn draw_outage(dice: &mut Dice, hosts: usize) -> Self {
        dice.weighted(OUTAGES)(dice, hosts)
    }

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

/// Which ways a partition blocks.
fn ways(dice: &mut Dice) -> (bool, bool) {
    dice.weighted(&[(2, (true, true)), (1, (true, false)), (1, (false, true))])
}

fn place(dice: &mut Dice, hosts: usize) -> Place {
    match dice.chance(0.15) {
        true => Place::Clients,
        false => Place::Host(dice.below(hosts)),
    }
}

/// Over at once, or after longer than most timers wait.
fn either(dice: &mut Dice) -> Duration {
    let is_short = dice.chance(0.65);
    dice.duration(if is_short { &SHORT } else { &LONG })
}

fn up_to_a_third(dice: &mut Dice) -> f64 {
    f64::from(dice.between(0..34)) / 100.0
}

/// Lets mishap after mishap strike until told to stop, and returns when the last is over.
pub async fn torment(
    world: Arc<World>,
    mut dice: Dice,
    outages: bool,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut under_way = JoinSet::new();
    while stop.run_until_cancelled(sleep(dice.duration(&PAUSE))).await.is_some() {
        let (hosts, servers) = (world.hosts.len(), world.control.servers());
        let mishap = if servers > 1 && dice.chance(0.3) {
            Mishap::draw_election(&mut dice, servers)
        } else if outages && dice.chance(0.15) {
            Mishap::draw_outage(&mut dice, hosts)
        } else {
            Mishap::draw(&mut dice, hosts)
        };
        let world = world.clone();
        under_way.spawn(async move { mishap.strike(&world).await });
    }
    under_way.join_all().await;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_of_mishap_happens() {
        let mut dice = Dice::new(1);
        let drawn: BTreeSet<String> = (0..1000)
            .flat_map(|_| {
                let (usual, outage) =
                    (Mishap::draw(&mut dice, 3), Mishap::draw_outage(&mut dice, 3));
                [usual, outage, Mishap::draw_election(&mut dice, 3)]
            })
            .map(|mishap| format!("{mishap:?}"))
            .map(|text| text.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(drawn.len(), KINDS.len() + OUTAGES.len() + ELECTIONS.len(), "{drawn:?}");
    }
}

//! Which mishap is next, and how bad it is.

use std::ops::RangeInclusive;
use std::time::Duration;

use berth_runtime::Verb;

use super::{Mishap, WRONG_MILLIS};
use crate::dice::Dice;
use crate::network::Place;
use crate::programs;

const SHORT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(5);
const LONG: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(90);
/// Longer than it takes until a host is lost.
const VERY_LONG: RangeInclusive<Duration> = Duration::from_secs(240)..=Duration::from_secs(480);

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
    pub fn draw_clock(dice: &mut Dice, hosts: usize, servers: usize) -> Self {
        let ahead_millis =
            i64::from(dice.between(0..2 * WRONG_MILLIS + 1)) - i64::from(WRONG_MILLIS);
        let lasts = dice.duration(&LONG);
        match dice.chance(0.5) {
            true => Mishap::ServerClock { server: dice.below(servers), ahead_millis, lasts },
            false => Mishap::HostClock { host: dice.below(hosts), ahead_millis, lasts },
        }
    }

    pub fn draw(dice: &mut Dice, hosts: usize) -> Self {
        dice.weighted(KINDS)(dice, hosts)
    }

    pub fn draw_election(dice: &mut Dice, servers: usize) -> Self {
        dice.weighted(ELECTIONS)(dice, servers)
    }

    pub fn draw_outage(dice: &mut Dice, hosts: usize) -> Self {
        dice.weighted(OUTAGES)(dice, hosts)
    }
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

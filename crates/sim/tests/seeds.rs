//! Whole clusters, seed after seed. A failure prints its story and the command that replays it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use berth_sim::{Options, Outcome, run};

/// Runs every case, as many at a time as there are processors.
fn all(cases: &[Options]) -> Vec<Outcome> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut outcomes = Vec::new();
        loop {
            let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).expect("a few cases");
            let Some(options) = cases.get(index) else { return outcomes };
            outcomes.push(run(options.clone()));
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .flat_map(|worker| worker.join().expect("a run contains panics"))
            .collect()
    })
}

fn must_hold(cases: &[Options]) -> Vec<Outcome> {
    let outcomes = all(cases);
    for outcome in &outcomes {
        assert!(outcome.violation.is_none(), "{outcome}");
        assert!(outcome.tasks > 0, "nothing happened: {outcome}");
    }
    outcomes
}

#[test]
fn every_rule_holds_whatever_goes_wrong() {
    let cases: Vec<Options> = (0..30).map(Options::new).collect();
    must_hold(&cases);
}

#[test]
fn every_rule_holds_when_hosts_go_away_and_disks_are_full() {
    let cases: Vec<Options> =
        (0..6).map(|seed| Options { outages: true, ..Options::new(seed) }).collect();
    let lost: usize = must_hold(&cases).iter().map(|outcome| outcome.lost).sum();
    assert!(lost > 0, "no host was ever away for long enough");
}

#[test]
fn every_rule_holds_while_clocks_are_set() {
    let with = |seed, servers| Options { clocks: true, servers, ..Options::new(seed) };
    let cases: Vec<Options> =
        (0..8).flat_map(|seed| [with(seed, 1), with(seed, 3)]).chain([with(28, 1)]).collect();
    must_hold(&cases);
}

#[test]
fn services_keep_their_promises() {
    let with = |seed, faults| Options { services: true, faults, ..Options::new(seed) };
    let calm = [0, 1].map(|seed| with(seed, false));
    // Those left out are told of below.
    let faulty = [1, 2, 3, 4, 6, 7, 8].map(|seed| with(seed, true));
    let cases: Vec<Options> = calm.into_iter().chain(faulty).collect();
    must_hold(&cases);
}

#[test]
fn every_rule_holds_with_three_servers() {
    let with = |seed, services| Options { servers: 3, services, ..Options::new(seed) };
    let cases: Vec<Options> =
        (0..14).map(|seed| with(seed, false)).chain([with(0, true), with(2, true)]).collect();
    must_hold(&cases);
}

#[test]
fn every_rule_holds_where_nothing_goes_wrong() {
    let cases: Vec<Options> =
        (0..4).map(|seed| Options { faults: false, ..Options::new(seed) }).collect();
    must_hold(&cases);
}

#[test]
fn every_rule_holds_on_one_host_and_on_many() {
    let sizes = [1, 2, 8].map(|hosts| Options { hosts, steps: 120, ..Options::new(1000) });
    must_hold(&sizes);
}

/// Each of these stories once ended badly.
#[test]
fn what_went_wrong_once_goes_well() {
    let seeds = [
        // Containers of a stopped task that had never been started were started by the next agent.
        14, 23, 38,
        // The answer to a registration was lost, and the next attempt made a second instance.
        42,
        // A start was done and its answer lost; the next try failed, and the end was told while the container ran.
        2070,
    ];
    // An agent without memory died before it was registered; the next one took what it had found for its own, and started it.
    let among_three = Options { servers: 3, ..Options::new(1180) };
    let cases: Vec<Options> = seeds.map(Options::new).into_iter().chain([among_three]).collect();
    must_hold(&cases);
}

#[test]
fn services_whose_seed_once_failed_keep_every_rule() {
    let seeds = [
        // Tasks that wait for a provider whose only host drains keep a deployment in progress, and rightly.
        54,
        // A start that was to even out zones waited for capacity of a provider with managed scaling, and was then placed
        // in any zone: one task too many there, so another was stopped, and zones were as uneven as before, for ever.
        0,
        // Two zones lacked a task and neither had room. Each plan tried one, and what it did not try it forgot to be full: plan
        // followed plan at one instant, without end.
        5, 32, 34, 35,
        // A creation failed and had made its container all the same; the agent that came next started it.
        10182,
    ];
    must_hold(&seeds.map(|seed| Options { services: true, ..Options::new(seed) }));
}

#[test]
fn one_seed_tells_one_story() {
    let among = Options { servers: 3, ..Options::new(5) };
    let seeds: Vec<Options> = [2, 3, 9, 11].map(Options::new).into_iter().chain([among]).collect();
    let twice: Vec<Options> =
        seeds.iter().flat_map(|options| [options.clone(), options.clone()]).collect();
    let mut hashes: Vec<(u64, u64)> =
        all(&twice).iter().map(|outcome| (outcome.options.seed, outcome.hash)).collect();
    hashes.sort_unstable();
    for pair in hashes.chunks(2) {
        assert_eq!(pair[0], pair[1], "two runs of one seed differ");
    }
    hashes.dedup();
    assert_eq!(hashes.len(), seeds.len(), "different seeds tell different stories");
}

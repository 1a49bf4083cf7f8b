//! Real faults: three servers and three members of etcd, each on a machine of its own, are killed, paused and cut off from
//! one another while clients write through all of them.
//!
//! Whatever happens, every acknowledged write is there afterwards, through every server, nothing was done twice, and
//! nobody was answered from the past. How long nobody could write is printed, not judged.
//!
//! `cell.rs` is the world, `load.rs` who writes, `ledger.rs` what they know and what is held against it, `breaking.rs` what
//! goes wrong; `disk.rs` is about a server by itself. Where there can be no such world (we are not root, or have no etcd), that is said, and all is skipped.
//!
//! The long form: `cargo test -p berth --test faults -- --ignored --nocapture`, for BERTH_FAULTS_MINUTES (10), in an order
//! that BERTH_FAULTS_SEED tells.

mod breaking;
mod cell;
mod disk;
mod ledger;
mod load;

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use breaking::Fault;
use cell::Cell;
use ledger::Ledger;

/// Breaks something under load, and holds what is there afterwards against what the writers know.
fn endure(cell: &mut Cell, phase: &str, fault: &Fault, pause: Duration) -> Vec<Ledger> {
    let begun = Instant::now();
    let apis = cell.apis();
    let ledgers = load::while_writing(&apis, phase, |watch| {
        let all = [0, 1, 2];
        watch.written_through(&all, Instant::now());
        (fault.strike)(cell, watch, pause);
        watch.written_through(&all, Instant::now());
    });
    cell.leader();
    let acknowledged: usize = ledgers.iter().map(Ledger::acknowledged).sum();
    ledgers.iter().for_each(|ledger| ledger.verify(&apis));
    eprintln!("{phase} {}: {acknowledged} writes, {:.1?}", fault.name, begun.elapsed());
    ledgers
}

#[test]
fn nothing_acknowledged_is_lost_by_any_fault() {
    let Some(mut cell) = Cell::start(Duration::from_secs(2)) else { return };
    let mut ledgers = Vec::new();
    for (number, fault) in breaking::FAULTS.iter().enumerate() {
        ledgers.extend(endure(&mut cell, &format!("f{number}"), fault, Duration::from_secs(3)));
    }
    // What came later has changed nothing of it.
    ledgers.iter().for_each(|ledger| ledger.verify(&cell.apis()));
}

/// Any order, the lease that a server has by default, and pauses of half a minute.
#[test]
#[ignore = "takes as long as it is told to"]
fn nothing_acknowledged_is_lost_by_many_faults() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let minutes = number("BERTH_FAULTS_MINUTES").unwrap_or(10);
    let seed = number("BERTH_FAULTS_SEED").unwrap_or_else(|| rand::rng().random());
    eprintln!("BERTH_FAULTS_SEED={seed} for {minutes} minutes");
    let mut random = StdRng::seed_from_u64(seed);
    let Some(mut cell) = Cell::start(Duration::from_secs(5)) else { return };
    let (begun, mut ledgers) = (Instant::now(), Vec::new());
    for round in 0.. {
        if begun.elapsed() > Duration::from_secs(60 * minutes) {
            break;
        }
        let fault = breaking::FAULTS.choose(&mut random).expect("there are some");
        let pause = Duration::from_secs(random.random_range(0..=30));
        ledgers.extend(endure(&mut cell, &format!("r{round}"), fault, pause));
    }
    ledgers.iter().for_each(|ledger| ledger.verify(&cell.apis()));
}

//! `kill -9` of a server at any moment under write load: nothing acknowledged is lost, nothing half-written is seen.
//!
//! Each writer has a small world of its own, and knows what it must look like: as after its last acknowledged
//! request, or as after the one that was never answered, whole.

mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use berth_test_server::{Api, CallError};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::host::home;
use world::{Change, World};

const ROUNDS: u64 = 12;
const WRITERS: usize = 8;
/// Acknowledgements in a round before the kill, at most.
const MOST: usize = 200;

/// A world, and whoever changes it.
struct Writer {
    name: String,
    random: StdRng,
    acknowledged: World,
    unanswered: Option<Change>,
}

impl Writer {
    fn new(number: usize) -> Writer {
        let random = StdRng::seed_from_u64(number as u64);
        Writer {
            name: format!("w{number}"),
            random,
            acknowledged: World::default(),
            unanswered: None,
        }
    }

    /// Changes its world until the server is gone.
    fn write(&mut self, api: &Api, acknowledge: &dyn Fn()) {
        loop {
            let change = self.acknowledged.next_change(&mut self.random);
            let (operation, input) = change.request(&self.name);
            match api.try_call(operation, &input) {
                Ok(_) => self.acknowledged.apply(&change),
                Err(CallError::Unanswered(_)) => {
                    self.unanswered = Some(change);
                    return;
                }
                Err(refused) => panic!("{operation} {input}: {refused}"),
            }
            acknowledge();
        }
    }

    /// Looks at what a new server has of its world, and goes on from there.
    fn check(&mut self, api: &Api, round: u64) {
        let seen = World::seen(api, &self.name);
        let mut allowed = vec![self.acknowledged.clone()];
        if let Some(change) = self.unanswered.take() {
            let mut done = self.acknowledged.clone();
            done.apply(&change);
            allowed.push(done);
        }
        assert!(
            allowed.contains(&seen),
            "round {round}, {}: {seen:#?}, but one of {allowed:#?} expected",
            self.name
        );
        self.acknowledged = seen;
    }
}

#[test]
fn what_was_acknowledged_is_there_after_any_kill() {
    let home = home();
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let mut moments = StdRng::seed_from_u64(ROUNDS);
    let mut total = 0;
    for round in 0..ROUNDS {
        let server = home.serving("server").args(&["--log", "warn"]).start();
        let api = home.api();
        writers.iter_mut().for_each(|writer| writer.check(&api, round));
        let (enough, count) = (moments.random_range(1..=MOST), AtomicUsize::new(0));
        let (tell, told) = mpsc::channel();
        let acknowledge = || {
            if count.fetch_add(1, Ordering::Relaxed) + 1 == enough {
                tell.clone().send(()).expect("the test waits for it");
            }
        };
        thread::scope(|scope| {
            for writer in &mut writers {
                let (api, acknowledge) = (&api, &acknowledge);
                scope.spawn(move || writer.write(api, acknowledge));
            }
            told.recv().expect("there are writers");
            server.kill();
        });
        total += count.into_inner();
    }
    let _server = home.server();
    writers.iter_mut().for_each(|writer| writer.check(&home.api(), ROUNDS));
    assert!(total > WRITERS * ROUNDS as usize, "only {total} changes");
}

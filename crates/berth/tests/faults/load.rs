//! Clients that write all the time, two of each server.

use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use berth_test_server::{Api, until};

use crate::ledger::Ledger;

const WRITERS: usize = 6;
/// Between two writes of one client, so that the servers, not the clients, have the processors.
const PACE: Duration = Duration::from_millis(20);

/// What is seen of the writers while they write.
pub struct Watch {
    /// For each server, when the newest acknowledged write through it was begun.
    begun: Vec<Mutex<Option<Instant>>>,
    is_over: Mutex<bool>,
    stopped: Condvar,
}

/// Whatever becomes of the scenario, the writers end.
struct Stop<'a>(&'a Watch);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        *self.0.is_over.lock().expect("nobody panics with it") = true;
        self.0.stopped.notify_all();
    }
}

/// Has clients write until the scenario is over; what each of them knows then.
pub fn while_writing(apis: &[Api], phase: &str, scenario: impl FnOnce(&Watch)) -> Vec<Ledger> {
    Ledger::prepare(&apis[0], phase);
    let begun = apis.iter().map(|_| Mutex::default()).collect();
    let watch = Watch { begun, is_over: Mutex::new(false), stopped: Condvar::new() };
    thread::scope(|scope| {
        let stop = Stop(&watch);
        let write = |writer| {
            let watch = &watch;
            scope.spawn(move || write(apis, Ledger::new(phase, writer), writer, watch))
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        scenario(&watch);
        drop(stop);
        writers.into_iter().map(|writer| writer.join().expect("it found no fault")).collect()
    })
}

fn write(apis: &[Api], mut ledger: Ledger, writer: usize, watch: &Watch) -> Ledger {
    let mine = writer % apis.len();
    while !watch.is_over_after(PACE) {
        let begun = Instant::now();
        if ledger.write(apis, mine) {
            *watch.begun[mine].lock().expect("nobody panics with it") = Some(begun);
        }
    }
    ledger
}

impl Watch {
    fn is_over_after(&self, pace: Duration) -> bool {
        let is_over = self.is_over.lock().expect("nobody panics with it");
        let waited = self.stopped.wait_timeout_while(is_over, pace, |is_over| !*is_over);
        *waited.expect("nobody panics with it").0
    }

    /// Waits until writes that were begun after this moment are acknowledged through each of these; how long it took.
    #[track_caller]
    pub fn written_through(&self, servers: &[usize], since: Instant) -> Duration {
        until("writes go on", || {
            let newest = |server: &usize| *self.begun[*server].lock().expect("nobody panics");
            let late = |server: &&usize| newest(server).is_none_or(|begun| begun < since);
            let waiting: Vec<&usize> = servers.iter().filter(late).collect();
            if waiting.is_empty() {
                Ok(since.elapsed())
            } else {
                Err(format!("not by {waiting:?}"))
            }
        })
    }

    /// When the newest acknowledged write through any server was begun.
    pub fn newest(&self) -> Option<Instant> {
        self.begun.iter().filter_map(|begun| *begun.lock().expect("nobody panics")).max()
    }
}

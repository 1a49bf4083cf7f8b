//! Shows every checker what happens, and remembers the first thing that was wrong.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use berth_control::cell::{Changes, Commit, Feed, Snapshot};
use berth_control::env::{Clock, TokioClock};
use berth_ecs::tables::{ContainerInstance, Service, StateChange, Task};
use tokio::sync::watch;

use crate::checkers::{self, Checker, Sight};
use crate::records::{Records, TaskChange, host_of};
use crate::scene::HostView;
use crate::trace::{Trace, tell};

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Who found it.
    pub checker: &'static str,
    pub what: String,
}

/// Clones are the same one.
#[derive(Clone)]
pub struct Inspector(Arc<Inner>);

struct Inner {
    clock: TokioClock,
    trace: Trace,
    state: Mutex<State>,
    violation: watch::Sender<Option<Violation>>,
}

struct State {
    records: Records,
    checkers: Vec<Box<dyn Checker>>,
}

impl Inspector {
    pub fn new(clock: TokioClock, wrong: Duration, trace: Trace) -> Self {
        let state = State { records: Records::default(), checkers: checkers::all(wrong) };
        let violation = watch::Sender::new(None);
        Self(Arc::new(Inner { clock, trace, state: Mutex::new(state), violation }))
    }

    /// Waits for the first violation.
    pub async fn violated(&self) -> Violation {
        let mut violation = self.0.violation.subscribe();
        loop {
            if let Some(found) = violation.borrow_and_update().clone() {
                return found;
            }
            // The sender is in `self`: waiting cannot fail.
            let _ = violation.changed().await;
        }
    }

    pub fn violation(&self) -> Option<Violation> {
        self.0.violation.borrow().clone()
    }

    /// Only the first counts: what comes after may be its consequence.
    pub fn report(&self, checker: &'static str, what: String) {
        self.0.violation.send_if_modified(|violation| {
            if violation.is_some() {
                return false;
            }
            tell!(self.0.trace, "VIOLATION by {checker}: {what}");
            *violation = Some(Violation { checker, what });
            true
        });
    }

    /// A server has started with these tables.
    pub fn loaded(&self, snapshot: &Snapshot) {
        let mut state = self.state();
        let tasks: Vec<&Task> = snapshot.table::<Task>().iter().collect();
        let services: Vec<&Service> = snapshot.table::<Service>().iter().collect();
        let events: Vec<&StateChange> = snapshot.table::<StateChange>().iter().collect();
        let sight = Sight::Loaded { tasks: &tasks, services: &services, events: &events };
        self.show(&mut state.checkers, &sight);
        for change in state.records.reload(snapshot) {
            self.show_task(&mut state, &change);
        }
        self.show_records(&mut state);
    }

    /// Watches what is committed until the server ends.
    pub async fn follow(self, mut changes: Changes) {
        while let Some(feed) = changes.next().await {
            match feed {
                Feed::Committed(commit) => self.committed(&commit),
                Feed::Resync => {
                    self.report("follow", "the feed of commits was too fast".to_owned())
                }
            }
        }
    }

    fn committed(&self, commit: &Commit) {
        let mut state = self.state();
        self.show(&mut state.checkers, &Sight::Commit(&commit.changes));
        let (before, mut changes) = (state.records.wishes.clone(), Vec::new());
        for change in &commit.changes {
            if let Some(change) = state.records.apply(change) {
                self.show_task(&mut state, &change);
                changes.push(change);
            } else if let Some(instance) =
                change.of::<ContainerInstance>().and_then(|row| row.after)
            {
                self.tell_instance(instance);
            }
        }
        let State { records, checkers } = &mut *state;
        let (before, changes) = (&before, &changes[..]);
        self.show(checkers, &Sight::Commits { records, before, changes });
        self.show_records(&mut state);
    }

    /// What runs on the hosts right now.
    pub fn look(&self, hosts: &[HostView]) {
        let mut state = self.state();
        let State { records, checkers } = &mut *state;
        self.show(checkers, &Sight::Hosts { records, hosts });
    }

    /// A client was told something.
    pub fn answered(&self, sight: &Sight<'_>) {
        self.show(&mut self.state().checkers, sight);
    }

    /// What the control plane knows, looked at by somebody else.
    pub fn with_records<T>(&self, look: impl FnOnce(&Records) -> T) -> T {
        look(&self.state().records)
    }

    fn show_task(&self, state: &mut State, change: &TaskChange) {
        self.tell_task(change);
        let TaskChange { before, after } = change;
        let sight = Sight::Task { before: before.as_ref(), after: after.as_ref() };
        self.show(&mut state.checkers, &sight);
    }

    fn show_records(&self, state: &mut State) {
        let State { records, checkers } = state;
        self.show(checkers, &Sight::Records(records));
    }

    fn show(&self, checkers: &mut [Box<dyn Checker>], sight: &Sight<'_>) {
        let now = self.0.clock.now();
        for checker in checkers {
            if let Err(what) = checker.see(sight, now) {
                self.report(checker.name(), what);
            }
        }
    }

    fn tell_task(&self, TaskChange { before, after }: &TaskChange) {
        let trace = &self.0.trace;
        let status = |task: &Task| format!("{}/{}", task.last_status, task.desired_status);
        match (before, after) {
            (None, Some(task)) => {
                let at = task.container_instance.map_or("no".to_owned(), |id| id.to_string());
                tell!(
                    trace,
                    "task {} of {} is new: {}, on instance {at}",
                    task.id,
                    task.family,
                    status(task)
                );
            }
            (Some(before), Some(task)) => {
                let why = task.stopped_reason.as_deref().unwrap_or_default();
                tell!(trace, "task {}: {} → {} {why}", task.id, status(before), status(task));
            }
            (Some(task), None) => tell!(trace, "task {} is forgotten", task.id),
            (None, None) => {}
        }
    }

    fn tell_instance(&self, instance: &ContainerInstance) {
        let host = host_of(instance).map_or("?".to_owned(), |host| host.to_string());
        let connected = if instance.agent_connected { "connected" } else { "not connected" };
        tell!(
            self.0.trace,
            "instance {} of host-{host}: {}, {connected}",
            instance.id,
            instance.status
        );
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A checker that panics is a bug that the simulation reports; what was seen is still good.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

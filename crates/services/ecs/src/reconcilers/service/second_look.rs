//! A plan that was carried out is followed by none (ADR 15): looked at where assertions are on, in the transaction
//! that carried it out, so that nobody else has changed anything yet.
//!
//! What a pass cannot know beforehand the next may have to deal with, and that is no fault: whether tasks find a place.
//! Nor is it one that a task no longer counts against the ceiling as soon as it is asked to stop, and that the next pass
//! uses the room: such tasks are looked at as they were.

use std::collections::BTreeMap;

use berth_control::ports::LoadBalancing;
use berth_control::tables::View;
use berth_deployment::{Plan, plan};
use berth_model::{ServiceId, TaskId, TaskStatus, Timestamp};

use super::observe::Observed;
use crate::patience::Patience;

/// What is to be looked at after a pass.
pub struct SecondLook<'p> {
    service: ServiceId,
    first: &'p Plan,
    is_due: bool,
    /// The tasks that the plan stops, as they were.
    stopped: BTreeMap<TaskId, TaskStatus>,
}

impl<'p> SecondLook<'p> {
    /// To be made before the plan is carried out. `most` is how many tasks can be started.
    pub fn after(observed: &Observed, first: &'p Plan, most: usize) -> Self {
        let wanted: usize = first.start.iter().map(|start| start.count as usize).sum();
        let is_due = cfg!(debug_assertions) && wanted <= most && !observed.came_short();
        let mut stopped = BTreeMap::new();
        if is_due && !first.stop.is_empty() {
            stopped.extend(observed.seen.tasks.iter().map(|task| (task.id, task.last_status)));
            let stops = |id: &TaskId| first.stop.iter().any(|stop| stop.task == *id);
            stopped.retain(|id, _| stops(id));
        }
        Self { service: observed.service.id, first, is_due, stopped }
    }

    /// Panics if there is still something to do.
    pub fn look(
        self,
        view: &impl View,
        patience: &Patience,
        balancing: &dyn LoadBalancing,
        now: Timestamp,
    ) {
        if !self.is_due {
            return;
        }
        let Some(mut observed) = Observed::of(view, self.service, patience, balancing) else {
            return;
        };
        if observed.came_short() {
            return;
        }
        for task in &mut observed.seen.tasks {
            if let Some(before) = self.stopped.get(&task.id) {
                task.last_status = *before;
            }
        }
        let second = plan(&observed.seen, now);
        let (name, first) = (&observed.service.name, self.first);
        assert!(
            second.is_empty(),
            "a plan after a plan for service {name}: {second:?} follows {first:?}",
        );
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use berth_control::cell::{Cell, Transaction, WriteError};
    use berth_control::env::{Env, SeededIds, TokioClock};
    use berth_control::ports::NoBalancers;
    use berth_control::tables::{Record, Schema};
    use berth_model::ServiceStatus;
    use berth_store::MemoryStore;

    use super::*;
    use crate::tables::{Cluster, Service};

    fn row<R: Record>(hex: &str) -> R {
        let digits: Vec<u8> =
            hex.chars().filter_map(|digit| Some(digit.to_digit(16)? as u8)).collect();
        let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        R::decode(&bytes).unwrap()
    }

    /// A pass over a service that nobody has looked at yet, which keeps what its plan asked to be kept, or does not.
    fn pass(tx: &mut Transaction, keeps: bool) {
        let cluster: Cluster = row(include_str!("../../../tests/older_records/cluster.1.hex"));
        let service: Service = row(include_str!("../../../tests/older_records/service.1.hex"));
        let service = Service {
            cluster: cluster.id,
            status: ServiceStatus::Active,
            memory: Default::default(),
            ..service
        };
        let (id, now, patience) = (service.id, service.created_at, Patience::default());
        tx.put(cluster);
        tx.put(service);
        let observed = Observed::of(tx, id, &patience, &NoBalancers).expect("both are there");
        let first = plan(&observed.seen, now);
        let second = SecondLook::after(&observed, &first, 0);
        let memory = first.memory.clone().filter(|_| keeps);
        if let Some(memory) = memory {
            tx.update(&id, |service: &mut Service| service.memory = memory);
        }
        second.look(tx, &patience, &NoBalancers, now);
    }

    #[tokio::test]
    async fn a_pass_that_forgets_what_it_was_told_is_found_out() {
        let env = Env {
            clock: Arc::new(TokioClock::starting_at(Timestamp::default())),
            ids: Arc::new(SeededIds::new(1)),
        };
        let mut schema = Schema::new();
        crate::register_tables(&mut schema, &env);
        let cell = Cell::open(Arc::new(MemoryStore::new()), schema).await.unwrap();
        let run = |keeps| {
            cell.write(move |tx| {
                pass(tx, keeps);
                Ok::<_, Infallible>(())
            })
        };
        run(true).await.unwrap();
        let Err(WriteError::Panicked(why)) = run(false).await else { panic!("nobody noticed") };
        assert!(why.contains("a plan after a plan"), "{why}");
    }
}

//! Where events come from: every transaction that changes what they tell of.

use std::sync::Arc;

use berth_control::cell::{Derivation, Transaction};
use berth_control::env::Clock;
use berth_control::tables::{Change, TableId, View};
use berth_model::{ClusterId, ContainerInstanceId, Timestamp};

use super::told::{SOURCES, Told};
use super::{KEPT, container_instance};
use crate::tables::{ContainerInstance, ResourceChanges, Service, StateChange, Subject};

/// Writes a row for each change that is told, after the others in number; the oldest make room.
pub struct StateChanges {
    clock: Arc<dyn Clock>,
    /// At least one: the newest tells which number comes next.
    keep: usize,
}

impl StateChanges {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, keep: KEPT }
    }
}

impl Derivation for StateChanges {
    fn reads(&self) -> Vec<TableId> {
        SOURCES.iter().map(|source| source.table).collect()
    }

    fn derive(&self, tx: &mut Transaction, changes: &[Change]) {
        let mut told = Told::default();
        for change in changes {
            let source = SOURCES.iter().find(|source| source.table == change.table());
            (source.expect("only what is read is told").tell)(change, &mut told);
        }
        let instances = instances(tx, &mut told);
        let at = self.clock.now();
        let of_services = of_services(tx, &mut told);
        let subjects = told.subjects.into_iter().chain(of_services).chain(instances);
        for (cluster, subject) in subjects {
            append(tx, at, cluster, subject);
        }
        make_room(tx, self.keep);
    }
}

/// The instances that changed, each told once whatever happened to it, with their versions counted on.
fn instances(tx: &mut Transaction, told: &mut Told) -> Vec<(ClusterId, Subject)> {
    for gone in &told.gone {
        tx.delete::<ResourceChanges>(gone);
    }
    let resources = std::mem::take(&mut told.resources);
    for instance in resources.iter().filter(|instance| !told.instances.contains(instance)) {
        count_on(tx, *instance);
    }
    let changed = told.instances.union(&resources);
    let subject = |id: &ContainerInstanceId| {
        let instance = tx.get::<ContainerInstance>(id)?;
        Some((instance.cluster, container_instance::subject(tx, instance)))
    };
    changed.filter_map(subject).collect()
}

fn of_services(tx: &Transaction, told: &mut Told) -> Vec<(ClusterId, Subject)> {
    let of_services = std::mem::take(&mut told.of_services).into_iter();
    let found = |(service, subject)| Some((tx.get::<Service>(&service)?.cluster, subject));
    of_services.filter_map(found).collect()
}

fn count_on(tx: &mut Transaction, instance: ContainerInstanceId) {
    let count = tx.get::<ResourceChanges>(&instance).map_or(0, |changes| changes.count);
    tx.put(ResourceChanges { instance, count: count + 1 });
}

fn append(tx: &mut Transaction, at: Timestamp, cluster: ClusterId, subject: Subject) {
    let newest = tx.table::<StateChange>().keys().next_back();
    let sequence = newest.map_or(1, |newest| newest + 1);
    tx.put(StateChange { sequence, at, cluster, subject });
}

fn make_room(tx: &mut Transaction, keep: usize) {
    let kept = View::table::<StateChange>(tx);
    let too_many = kept.len().saturating_sub(keep);
    let oldest: Vec<u64> = kept.keys().take(too_many).copied().collect();
    for sequence in oldest {
        tx.delete::<StateChange>(&sequence);
    }
}

//! The fleets of clusters that tasks are placed in, kept beside the tables.
//!
//! What a fleet was made from is remembered, as tables that share all that has not changed since with today's; the
//! difference is what has to be looked at again. So a fleet is exact in a transaction that has written, after one that was
//! undone, and for a snapshot of yesterday: nobody has to tell it anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use berth_control::tables::{Table, View};
use berth_model::{ClusterId, ContainerInstanceId};
use berth_scheduler::Fleet;

use super::{SharedAttributes, made, seen};
use crate::tables::{ContainerInstance, Task, UsageByInstance};

/// Instances in all fleets together; those of clusters that were not used for long are let go of.
const INSTANCES: usize = 200_000;

#[derive(Default)]
pub struct Fleets {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// What the fleets were last compared with.
    instances: Table<ContainerInstance>,
    usage: UsageByInstance,
    fleets: BTreeMap<ClusterId, KeptFleet>,
    attributes: SharedAttributes,
    uses: u64,
}

struct KeptFleet {
    fleet: Fleet,
    /// Changed since it was brought up to date.
    stale: BTreeSet<ContainerInstanceId>,
    used: u64,
}

impl Fleets {
    /// Lets somebody use the cluster's fleet as the view has it.
    ///
    /// To be called where there is one at a time, in transactions: others would wait. Whoever only looks makes a
    /// fleet with [`super::fleet`].
    pub fn with<T>(
        &self,
        view: &impl View,
        cluster: ClusterId,
        work: impl FnOnce(&mut Fleet) -> T,
    ) -> T {
        let mut kept = self.lock();
        kept.compare(view);
        work(kept.up_to_date(view, cluster))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(|poisoned| {
            // Somebody panicked in the middle of something: it is all made anew.
            let mut kept = poisoned.into_inner();
            *kept = Kept::default();
            self.kept.clear_poison();
            kept
        })
    }
}

impl Kept {
    /// Notes what has changed since the last time, for every fleet.
    fn compare(&mut self, view: &impl View) {
        let (instances, usage) =
            (view.table::<ContainerInstance>(), &view.table::<Task>().indexes().usage);
        let registered = instances.changed_since(&self.instances).copied();
        for id in registered.chain(usage.changed_since(&self.usage)) {
            // One that left a cluster is known from before, one that joined from now; none ever changes its cluster.
            let found = instances.get(&id).or_else(|| self.instances.get(&id));
            if let Some(kept) = found.and_then(|found| self.fleets.get_mut(&found.cluster)) {
                kept.stale.insert(id);
            }
        }
        (self.instances, self.usage) = (instances.clone(), usage.clone());
    }

    fn up_to_date(&mut self, view: &impl View, cluster: ClusterId) -> &mut Fleet {
        self.uses += 1;
        self.make_room(cluster);
        let attributes = &mut self.attributes;
        let kept = self.fleets.entry(cluster).or_insert_with(|| KeptFleet {
            fleet: made(view, cluster, attributes),
            stale: BTreeSet::new(),
            used: 0,
        });
        kept.used = self.uses;
        for id in std::mem::take(&mut kept.stale) {
            match self.instances.get(&id) {
                Some(found) => kept.fleet.put(seen(found, self.usage.get(&id), attributes)),
                None => kept.fleet.remove(id),
            }
        }
        &mut kept.fleet
    }

    fn make_room(&mut self, cluster: ClusterId) {
        let others = |kept: &BTreeMap<ClusterId, KeptFleet>| -> usize {
            let others = kept.iter().filter(|(id, _)| **id != cluster);
            // An empty one takes room, too.
            others.map(|(_, kept)| kept.fleet.len() + 10).sum()
        };
        while others(&self.fleets) > INSTANCES {
            let used_last = self.fleets.iter().filter(|(id, _)| **id != cluster);
            let oldest = used_last.min_by_key(|(_, kept)| kept.used).map(|(id, _)| *id);
            oldest.map(|oldest| self.fleets.remove(&oldest));
        }
    }
}

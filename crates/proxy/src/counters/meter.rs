//! Reading what a proxy counts.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Counters, Registry};
use crate::group::Groups;

/// Cheap to clone, and no hindrance to whoever carries. All clones read the same proxy.
#[derive(Clone)]
pub struct Meter(Arc<Metered>);

struct Metered {
    counters: Registry,
    groups: Groups,
    zone: Option<String>,
    /// Resources of balancers, and ARNs of groups that they forward to.
    users: Mutex<BTreeSet<(String, String)>>,
}

impl Meter {
    pub(crate) fn new(zone: Option<String>) -> Meter {
        Meter(Arc::new(Metered {
            counters: Registry::default(),
            groups: Groups::of_zone(zone.as_deref()),
            zone,
            users: Mutex::default(),
        }))
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0.counters
    }

    pub(crate) fn groups(&self) -> &Groups {
        &self.0.groups
    }

    /// Where all of it was counted, but for targets, which have zones of their own.
    pub fn zone(&self) -> Option<&str> {
        self.0.zone.as_deref()
    }

    /// What was counted since the proxy started, and how its targets stand now.
    pub fn read(&self) -> Counters {
        let mut counters = self.0.counters.counters();
        let users = self.0.users.lock().unwrap_or_else(PoisonError::into_inner);
        for (resource, arn) in &*users {
            let Some(group) = self.0.groups.get(arn) else { continue };
            for (zone, census) in group.census() {
                counters.hosts.insert((resource.clone(), arn.clone(), zone), census);
            }
        }
        counters
    }

    /// From now on there are these balancers, and these groups that they forward to; the others are forgotten.
    pub(crate) fn retain(&self, balancers: &BTreeSet<&str>, users: BTreeSet<(String, String)>) {
        self.0.counters.retain(|resource| balancers.contains(resource), &users);
        *self.0.users.lock().unwrap_or_else(PoisonError::into_inner) = users;
    }
}

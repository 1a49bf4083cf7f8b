//! Target groups as they live: who may get the next request or flow, and who gets it.
//!
//! A configuration says which targets there are, health checks say which can be used. [`Group::pick`] reads what came of both
//! from behind one pointer: it takes no lock and allocates nothing, and chance and time are its arguments. What a target is doing
//! (how much is outstanding, how it answered) stays with it over configurations, for as long as it is registered.
//! Neither connections nor why a target is unhealthy are known here. Start with `pick.rs`.

mod anomaly;
mod choice;
mod members;
mod pick;
mod ramp;
mod target;
#[cfg(test)]
mod tests;
pub(crate) mod tls;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use berth_proxy_protocol::{HealthState, TargetGroup};
use tokio::time::Instant;

use choice::Choices;
pub use members::Census;
use members::Members;
pub use pick::Wanted;
pub use target::{Picked, Standing, TargetIdentity};

/// All groups that rules forward to, by ARN.
#[derive(Default)]
pub struct Groups {
    /// The proxy's.
    zone: Option<Arc<str>>,
    by_arn: ArcSwap<HashMap<String, Arc<Group>>>,
    /// One configuration at a time.
    applying: Mutex<()>,
}

impl Groups {
    /// Groups of a proxy in this zone, if it knows it.
    pub fn of_zone(zone: Option<&str>) -> Groups {
        Groups { zone: zone.map(Arc::from), ..Groups::default() }
    }

    /// From now on there are these groups. One that stays is the same [`Group`], as are its targets that stay.
    pub fn apply(&self, groups: &[TargetGroup], now: Instant) {
        let _one = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.by_arn.load_full();
        let mut new = HashMap::with_capacity(groups.len());
        for config in groups {
            let group = match old.get(&config.arn) {
                Some(group) => {
                    group.configure(config, now);
                    group.clone()
                }
                None => Arc::new(Group::new(config, self.zone.clone(), now)),
            };
            new.insert(config.arn.clone(), group);
        }
        self.by_arn.store(Arc::new(new));
        for (arn, group) in old.iter() {
            if !self.by_arn.load().contains_key(arn) {
                group.end();
            }
        }
    }

    pub fn get(&self, arn: &str) -> Option<Arc<Group>> {
        self.by_arn.load().get(arn).cloned()
    }
}

/// One target group.
pub struct Group {
    /// The proxy's.
    zone: Option<Arc<str>>,
    config: ArcSwap<TargetGroup>,
    members: Mutex<Members>,
    /// What came of `members`, for those who pick.
    choices: ArcSwap<Choices>,
    began_at: Instant,
    /// When targets are compared with each other next, in milliseconds since `began_at`.
    judged_at: AtomicU64,
}

impl Group {
    fn new(config: &TargetGroup, zone: Option<Arc<str>>, now: Instant) -> Self {
        let members = Members::default().configured(config, now);
        Self {
            choices: ArcSwap::from_pointee(Choices::of(config, &members, zone.as_deref(), None)),
            zone,
            config: ArcSwap::from_pointee(config.clone()),
            members: Mutex::new(members),
            began_at: now,
            judged_at: AtomicU64::new(anomaly::WINDOW_MS),
        }
    }

    /// As it was configured last.
    pub fn config(&self) -> Guard<Arc<TargetGroup>> {
        self.config.load()
    }

    /// A target was found to be healthy, or not to be. Does nothing if it is no longer registered.
    pub fn set_health(&self, target: TargetIdentity, state: HealthState, now: Instant) {
        let mut members = self.members();
        if members.set_health(target, state, &self.config.load().attributes, now) {
            self.publish(&members);
        }
    }

    pub fn health_of(&self, target: TargetIdentity) -> Option<HealthState> {
        self.members().health_of(target)
    }

    /// How many targets of each zone are in which state; `HealthyHostCount` and its relatives.
    pub fn census(&self) -> BTreeMap<String, Census> {
        self.members().census()
    }

    fn configure(&self, config: &TargetGroup, now: Instant) {
        let mut members = self.members();
        if **self.config.load() == *config {
            return;
        }
        let configured = std::mem::take(&mut *members).configured(config, now);
        *members = configured;
        self.config.store(Arc::new(config.clone()));
        self.publish(&members);
    }

    /// No rule forwards here any more.
    fn end(&self) {
        let mut members = self.members();
        members.clear();
        self.publish(&members);
    }

    fn publish(&self, members: &Members) {
        let (config, old, zone) = (self.config.load(), self.choices.load(), self.zone.as_deref());
        let choices = Choices::of(&config, members, zone, Some(&old));
        self.choices.store(Arc::new(choices));
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Targets: coming, going, and how they stand.

mod check;
mod standing;

use std::time::Duration;

use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_model::Timestamp;

use crate::tables::{Target, TargetGroup, TargetHealth, TargetKey};
use crate::{attributes, find};

pub use check::{Described, check};
pub use standing::{Shown, standing};

/// Sends a target requests from now on. One that is there stays as it is, and one on its way out comes back: proxies never
/// stopped looking after it, so what they found out still holds.
pub fn register(tx: &mut Transaction, target: Target) {
    let key = (target.group, (target.id.clone(), target.port));
    match tx.get::<Target>(&key) {
        Some(existing) if existing.ends_at.is_none() => {}
        _ => drop(tx.put(target)),
    }
}

/// Lets a target go: it gets nothing new, and is gone when its deregistration delay is over.
pub fn deregister(tx: &mut Transaction, key: &TargetKey, now: Timestamp) {
    let Some(mut target) = tx.get::<Target>(key).filter(|it| it.ends_at.is_none()).cloned() else {
        return;
    };
    let delay = tx.get::<TargetGroup>(&target.group).map_or(Duration::ZERO, delay);
    // AWS: what no balancer sends anything to has nothing to end.
    if delay.is_zero() || find::balancers_of(tx, target.group).is_empty() {
        return forget(tx, &target);
    }
    target.ends_at = Some(now + delay);
    tx.put(target);
}

pub fn forget(tx: &mut Transaction, target: &Target) {
    let key = (target.group, (target.id.clone(), target.port));
    tx.delete::<TargetHealth>(&key);
    tx.delete::<Target>(&key);
}

fn delay(group: &TargetGroup) -> Duration {
    let known = attributes::target_group::of(group);
    let seconds = known.number(&group.attributes, "deregistration_delay.timeout_seconds");
    Duration::from_secs(seconds.into())
}

/// Those whose time has passed, the longest ago first.
pub fn ended(view: &impl View, now: Timestamp, most: usize) -> Vec<Target> {
    let table = view.table::<Target>();
    let due = table.indexes().by_end.range(..=now).take(most);
    due.filter_map(|(_, key)| table.get(key).cloned()).collect()
}

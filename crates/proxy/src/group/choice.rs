//! Who may get something new: what is left of a group's targets by health, zone and deregistration.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use berth_proxy_protocol::{Algorithm, GroupAttributes, GroupProtocol, HealthState, TargetGroup};
use tokio::time::Instant;

use super::members::{Member, Members};
use super::ramp::Ramp;
use super::target::{Target, TargetIdentity};

/// All that picking needs, made anew with each change.
pub(super) struct Choices {
    pub(super) algorithm: Algorithm,
    /// None if targets are not compared, else whether anything follows from it.
    pub(super) mitigates_anomalies: Option<bool>,
    everywhere: Choice,
    /// If what comes to a zone stays in it.
    by_zone: Vec<(String, Choice)>,
}

#[derive(Default)]
pub(super) struct Choice {
    /// Beside `shares` and in the same order: what is compared for every flow lies together.
    pub(super) identities: Vec<TargetIdentity>,
    pub(super) shares: Vec<Share>,
    /// When all targets have their whole share.
    pub(super) ramps_end_at: Option<Instant>,
    pub(super) cursor: AtomicUsize,
}

pub(super) struct Share {
    pub(super) target: Arc<Target>,
    pub(super) ramp: Option<Ramp>,
}

impl Choices {
    pub(super) fn of(config: &TargetGroup, members: &Members, old: Option<&Self>) -> Self {
        let attributes = &config.attributes;
        let cursor = |zone| old.map_or(0, |old| old.choice(zone).cursor.load(Ordering::Relaxed));
        let zones: BTreeSet<&str> = members.iter().map(|m| m.target.zone()).collect();
        let by_zone = zones.into_iter().filter(|_| !attributes.cross_zone).map(|zone| {
            let own = members.iter().filter(|m| m.target.zone() == zone);
            let choice = Choice::of(own, attributes, cursor(Some(zone)));
            (zone.to_owned(), choice)
        });
        let compares = matches!(config.protocol, GroupProtocol::Http | GroupProtocol::Https);
        Self {
            algorithm: attributes.algorithm,
            mitigates_anomalies: compares.then_some(attributes.anomaly_mitigation),
            everywhere: Choice::of(members.iter(), attributes, cursor(None)),
            by_zone: by_zone.collect(),
        }
    }

    /// What comes to a zone that has no targets goes nowhere, unless zones are of no account.
    pub(super) fn choice(&self, zone: Option<&str>) -> &Choice {
        static NOBODY: Choice = Choice {
            identities: Vec::new(),
            shares: Vec::new(),
            ramps_end_at: None,
            cursor: AtomicUsize::new(0),
        };
        match zone {
            Some(zone) if !self.by_zone.is_empty() => self
                .by_zone
                .iter()
                .find(|(name, _)| name == zone)
                .map_or(&NOBODY, |(_, choice)| choice),
            _ => &self.everywhere,
        }
    }

    pub(super) fn everywhere(&self) -> &Choice {
        &self.everywhere
    }
}

impl Choice {
    fn of<'a>(
        members: impl Iterator<Item = &'a Member>,
        attributes: &GroupAttributes,
        cursor: usize,
    ) -> Self {
        let registered: Vec<_> = members.filter(|member| !member.is_draining).collect();
        let is_healthy = |member: &&&Member| member.health == HealthState::Healthy;
        let healthy = registered.iter().filter(is_healthy).count();
        let usable: Vec<_> = if fails_open(healthy, registered.len(), attributes) {
            registered
        } else {
            registered.into_iter().filter(|m| is_healthy(&m)).collect()
        };
        Self {
            identities: usable.iter().map(|m| m.target.identity()).collect(),
            ramps_end_at: usable.iter().filter_map(|m| m.ramp).map(|ramp| ramp.ends_at()).max(),
            shares: usable
                .into_iter()
                .map(|m| Share { target: m.target.clone(), ramp: m.ramp })
                .collect(),
            cursor: AtomicUsize::new(cursor),
        }
    }
}

/// With too few healthy targets all are as good as healthy: a check that is wrong must not take a service away.
fn fails_open(healthy: usize, registered: usize, attributes: &GroupAttributes) -> bool {
    let fewest = attributes.minimum_healthy_count.max(1) as usize;
    let percentage = usize::from(attributes.minimum_healthy_percentage);
    healthy < fewest || healthy * 100 < registered * percentage
}

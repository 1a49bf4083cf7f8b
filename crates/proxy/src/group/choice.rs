//! Who may get something new: what is left of a group's targets by health, zone and deregistration.

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
    /// Those of the proxy's own zone, if what comes to it stays there.
    own: Option<Choice>,
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
    /// `zone` is the proxy's.
    ///
    /// AWS: a zone has its own targets and fails open for itself. What comes to an application balancer where a group has none
    /// is answered with 503.
    /// DEVIATES: where `load_balancing.cross_zone.enabled` is false, what comes to a proxy that was not told its zone may go to targets of every zone.
    /// DEVIATES: what comes to a network balancer in a zone without any target of its group goes to those of other zones. On AWS it would not have
    /// come: a balancer's name loses its address in such a zone.
    pub(super) fn of(
        config: &TargetGroup,
        members: &Members,
        zone: Option<&str>,
        old: Option<&Self>,
    ) -> Self {
        let attributes = &config.attributes;
        let is_http = matches!(config.protocol, GroupProtocol::Http | GroupProtocol::Https);
        let cursor = |choice: Option<&Choice>| {
            choice.map_or(0, |choice| choice.cursor.load(Ordering::Relaxed))
        };
        let own = zone.filter(|_| !attributes.cross_zone).and_then(|zone| {
            let own = || members.iter().filter(|member| is_in(member, zone));
            let has_any = own().any(|member| !member.is_draining);
            let before = cursor(old.and_then(|old| old.own.as_ref()));
            (is_http || has_any).then(|| Choice::of(own(), attributes, before))
        });
        Self {
            algorithm: attributes.algorithm,
            mitigates_anomalies: is_http.then_some(attributes.anomaly_mitigation),
            everywhere: Choice::of(
                members.iter(),
                attributes,
                cursor(old.map(|old| &old.everywhere)),
            ),
            own,
        }
    }

    /// Who may get what comes here.
    pub(super) fn choice(&self) -> &Choice {
        self.own.as_ref().unwrap_or(&self.everywhere)
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

/// Targets outside of the VPC are in every zone.
fn is_in(member: &Member, zone: &str) -> bool {
    matches!(member.target.zone(), "all") || member.target.zone() == zone
}

/// With too few healthy targets all are as good as healthy: a check that is wrong must not take a service away.
fn fails_open(healthy: usize, registered: usize, attributes: &GroupAttributes) -> bool {
    let fewest = attributes.minimum_healthy_count.max(1) as usize;
    let percentage = usize::from(attributes.minimum_healthy_percentage);
    healthy < fewest || healthy * 100 < registered * percentage
}

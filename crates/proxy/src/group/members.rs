//! The targets of a group and how each of them stands, as far as only one writer at a time may know.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use berth_proxy_protocol::{self as protocol, GroupAttributes, HealthState, TargetGroup};
use tokio::time::Instant;

use super::ramp::Ramp;
use super::target::{Standing, Target, TargetIdentity};

/// How many targets are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    pub healthy: u32,
    /// With those that are not known to be healthy yet.
    pub unhealthy: u32,
    /// Healthy, and failing far more often than the others.
    pub anomalous: u32,
}

#[derive(Default)]
pub(super) struct Members(Vec<Member>);

pub(super) struct Member {
    pub(super) target: Arc<Target>,
    pub(super) is_draining: bool,
    pub(super) health: HealthState,
    pub(super) ramp: Option<Ramp>,
    /// Whether it came to others.
    ///
    /// AWS: targets that are registered with an empty group, or before it had a slow start, get their whole share at once.
    may_ramp: bool,
}

impl Members {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.iter()
    }

    /// Those of a new configuration; who stays keeps what is known of them.
    pub(super) fn configured(self, config: &TargetGroup, now: Instant) -> Self {
        let had_some = !self.0.is_empty();
        let mut old: HashMap<TargetIdentity, Member> =
            self.0.into_iter().map(|member| (member.target.identity(), member)).collect();
        let mut new = Vec::with_capacity(config.targets.len());
        for target in &config.targets {
            let known = old.remove(&TargetIdentity::of(&target.id, target.port));
            let mut member = match known {
                Some(member) if member.is(target) => member,
                Some(member) => {
                    member.target.set_standing(Standing::Gone);
                    member.moved(target)
                }
                None => Member::new(target, had_some),
            };
            member.configure(target, config, now);
            new.push(member);
        }
        for member in old.into_values() {
            member.target.set_standing(Standing::Gone);
        }
        Self(new)
    }

    pub(super) fn clear(&mut self) {
        for member in self.0.drain(..) {
            member.target.set_standing(Standing::Gone);
        }
    }

    /// Whether that was new.
    pub(super) fn set_health(
        &mut self,
        target: TargetIdentity,
        state: HealthState,
        attributes: &GroupAttributes,
        now: Instant,
    ) -> bool {
        let Some(place) = self.0.iter().position(|m| m.target.identity() == target) else {
            return false;
        };
        if self.0[place].health == state {
            return false;
        }
        let is_warm = |member: &Member| {
            member.health == HealthState::Healthy
                && !member.is_draining
                && member.ramp.is_none_or(|ramp| ramp.is_over(now))
        };
        let has_warm = self.0.iter().any(is_warm);
        let member = &mut self.0[place];
        member.health = state;
        let slow = attributes.slow_start_seconds;
        let begins = state == HealthState::Healthy && member.may_ramp && has_warm && slow > 0;
        member.ramp = begins.then(|| Ramp::new(now, slow));
        member.show_standing(attributes, now);
        true
    }

    pub(super) fn health_of(&self, target: TargetIdentity) -> Option<HealthState> {
        let member = self.0.iter().find(|m| m.target.identity() == target)?;
        Some(member.health)
    }

    pub(super) fn census(&self) -> BTreeMap<String, Census> {
        let mut zones: BTreeMap<String, Census> = BTreeMap::new();
        for member in self.0.iter().filter(|member| !member.is_draining) {
            let census = zones.entry(member.target.zone().to_owned()).or_default();
            if member.health == HealthState::Healthy {
                census.healthy += 1;
                census.anomalous += u32::from(member.target.conduct.is_anomalous());
            } else {
                census.unhealthy += 1;
            }
        }
        zones
    }
}

impl Member {
    fn new(target: &protocol::Target, may_ramp: bool) -> Self {
        Self {
            target: Arc::new(Target::new(target)),
            is_draining: false,
            health: HealthState::Initial,
            ramp: None,
            may_ramp,
        }
    }

    /// In its place: one that has another address or is registered again is checked anew, one in another zone is as healthy as it was.
    fn moved(&self, target: &protocol::Target) -> Self {
        let mut moved = Self::new(target, true);
        if self.is_at(target) {
            moved.health = self.health;
        }
        moved
    }

    /// Whether it is still the same.
    fn is(&self, target: &protocol::Target) -> bool {
        self.is_at(target) && self.target.zone() == target.zone
    }

    fn is_at(&self, target: &protocol::Target) -> bool {
        self.target.address() == SocketAddr::new(target.address, target.port)
            && (target.is_draining || !self.is_draining)
    }

    fn configure(&mut self, target: &protocol::Target, config: &TargetGroup, now: Instant) {
        self.is_draining = target.is_draining;
        if config.health_check.is_none() {
            self.health = HealthState::Healthy;
        }
        self.show_standing(&config.attributes, now);
    }

    fn show_standing(&self, attributes: &GroupAttributes, now: Instant) {
        let known = *self.target.standing().borrow();
        let delay = Duration::from_secs(u64::from(attributes.deregistration_delay_seconds));
        let standing = match (self.is_draining, known) {
            (true, Standing::Draining { .. }) => known,
            (true, _) => Standing::Draining { until: now + delay },
            (false, _) if self.health == HealthState::Unhealthy => Standing::Unhealthy,
            (false, _) => Standing::Serving,
        };
        self.target.set_standing(standing);
    }
}

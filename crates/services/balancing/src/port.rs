//! What ECS asks and does about targets, inside its own transactions.

mod shares;

use berth_control::cell::{Sight, Transaction};
use berth_control::ports::{
    self, LoadBalancing, NoSuchTargetGroup, NotShared, Share, Standing, TargetChange,
    TargetGroupFacts, TargetRef,
};
use berth_control::tables::{Change, View};
use berth_model::{Scope, Timestamp};

use berth_aws_api::elbv2::TargetHealthStateEnum as State;

use crate::find;
use crate::service::Balancing;
use crate::tables::{Target, TargetGroup, TargetHealth, TargetKey, TargetType};
use crate::targets::{self, Shown};

impl LoadBalancing for Balancing {
    fn target_group(&self, view: Sight<'_>, scope: &Scope, arn: &str) -> Option<TargetGroupFacts> {
        let group = find::target_group(&view, scope, arn).ok()?;
        let balancers = find::balancers_of(&view, group.id);
        Some(TargetGroupFacts {
            target_type: match group.target_type {
                TargetType::Instance => ports::TargetType::Instance,
                TargetType::Ip => ports::TargetType::Ip,
                TargetType::Alb => ports::TargetType::Alb,
            },
            protocol: group.protocol.as_str(),
            balancer: balancers.first().map(|balancer| balancer.name.arn()),
        })
    }

    fn register(
        &self,
        tx: &mut Transaction,
        target: &TargetRef,
        now: Timestamp,
    ) -> Result<(), NoSuchTargetGroup> {
        let group = find::target_group(tx, &target.scope, &target.group)
            .map_err(|_| NoSuchTargetGroup(target.group.clone()))?
            .id;
        let (id, port) = (target.id.clone(), target.port);
        let row = Target { group, id, port, zone: None, registered_at: now, ends_at: None };
        targets::register(tx, row);
        Ok(())
    }

    fn deregister(&self, tx: &mut Transaction, target: &TargetRef, now: Timestamp) {
        if let Ok(group) = find::target_group(tx, &target.scope, &target.group) {
            let key = (group.id, (target.id.clone(), target.port));
            targets::deregister(tx, &key, now);
        }
    }

    fn standing(&self, view: Sight<'_>, target: &TargetRef) -> Standing {
        let Some(shown) = self.shown(view, target) else { return Standing::Gone };
        match shown.state {
            State::Healthy => Standing::Healthy,
            State::Unhealthy | State::UnhealthyDraining => Standing::Unhealthy,
            State::Draining => Standing::Draining,
            State::Unused => Standing::Unused,
            State::Initial | State::Unavailable | State::Unknown(_) => Standing::Initial,
        }
    }

    fn reason(&self, view: Sight<'_>, target: &TargetRef) -> Option<String> {
        self.shown(view, target)?.description
    }

    fn shares(&self, view: Sight<'_>, scope: &Scope, rule: &str) -> Option<Vec<Share>> {
        shares::of(&view, scope, rule)
    }

    fn share(
        &self,
        tx: &mut Transaction,
        scope: &Scope,
        rule: &str,
        shares: &[Share],
    ) -> Result<(), NotShared> {
        shares::set(tx, scope, rule, shares)
    }

    fn changed(&self, change: &Change) -> Option<TargetChange> {
        let (group, (id, port)) = if let Some(changed) = change.of::<Target>() {
            changed.key()
        } else {
            change.of::<TargetHealth>()?.key()
        };
        Some(TargetChange { group_id: group.to_string(), id, port })
    }
}

impl Balancing {
    /// What ELB tells of a target; `None` if it is not registered, or its group is gone.
    fn shown(&self, view: Sight<'_>, target: &TargetRef) -> Option<Shown> {
        let group = find::target_group(&view, &target.scope, &target.group).ok()?;
        let key: TargetKey = (group.id, (target.id.clone(), target.port));
        let row = view.get::<Target>(&key)?;
        let zone = self.zone_of(&view, group, row);
        Some(targets::standing(&view, group, Some(row), zone.as_deref()))
    }

    /// Where a target is, as far as that is known.
    pub(crate) fn zone_of(
        &self,
        view: &impl View,
        group: &TargetGroup,
        target: &Target,
    ) -> Option<String> {
        match group.target_type {
            TargetType::Instance => {
                let host = self.neighbours.hosts.find(view.sight(), &group.scope, &target.id);
                host.map(|host| host.zone)
            }
            TargetType::Ip => target.zone.clone(),
            TargetType::Alb => None,
        }
    }
}

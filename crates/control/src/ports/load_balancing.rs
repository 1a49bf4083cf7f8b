//! Target groups, for whoever runs what balancers send requests to.

use berth_model::{Scope, Timestamp};

use crate::cell::{Sight, Transaction};
use crate::tables::Change;

/// Implemented by ELB's service, for ECS. What is written is a part of the caller's transaction, so that a target comes
/// with its task and goes with it.
pub trait LoadBalancing: Send + Sync + 'static {
    /// What a service has to know of a target group; `None` if there is none.
    fn target_group(&self, view: Sight<'_>, scope: &Scope, arn: &str) -> Option<TargetGroupFacts>;

    /// Sends a target requests from now on. One that is registered already stays as it is; one that is on its way out
    /// comes back.
    fn register(
        &self,
        tx: &mut Transaction,
        target: &TargetRef,
        now: Timestamp,
    ) -> Result<(), NoSuchTargetGroup>;

    /// Sends it nothing new; it is gone when its deregistration delay is over. Nothing happens to one that is not there.
    fn deregister(&self, tx: &mut Transaction, target: &TargetRef, now: Timestamp);

    /// How a target stands.
    fn standing(&self, view: Sight<'_>, target: &TargetRef) -> Standing;

    /// Why it stands so, in ELB's words; `None` if there is nothing to say, as of one that is healthy.
    fn reason(&self, view: Sight<'_>, target: &TargetRef) -> Option<String>;

    /// How the requests of a listener or a rule, known by its ARN, are shared out among target groups; `None` if there is no
    /// such one, or none that forwards.
    fn shares(&self, view: Sight<'_>, scope: &Scope, rule: &str) -> Option<Vec<Share>>;

    /// Shares them out otherwise from now on. The rest of what is done with them stays as it is.
    fn share(
        &self,
        tx: &mut Transaction,
        scope: &Scope,
        rule: &str,
        shares: &[Share],
    ) -> Result<(), NotShared>;

    /// The target whose standing may have changed by this, if it is a change of one.
    fn changed(&self, change: &Change) -> Option<TargetChange>;
}

/// One target of one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetRef {
    pub scope: Scope,
    /// ARN.
    pub group: String,
    /// An instance's id or an address, as the group's target type wants.
    pub id: String,
    pub port: u16,
}

/// What a change was about: groups are known by the end of their ARN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetChange {
    pub group_id: String,
    pub id: String,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroupFacts {
    pub target_type: TargetType,
    /// `HTTP`, `TCP`, … as ELB says it.
    pub protocol: &'static str,
    /// The ARN of the balancer that sends requests there, if one does.
    pub balancer: Option<String>,
}

/// A target group, and how much of all that is shared out it gets: 0 to 999, by comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// ARN.
    pub group: String,
    pub weight: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetType {
    Instance,
    Ip,
    Alb,
}

/// The state of a target, in ELB's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has found out yet.
    Initial,
    Healthy,
    Unhealthy,
    /// It gets nothing new, and has time to end what it has.
    Draining,
    /// No balancer sends requests to its group.
    Unused,
    /// It is not registered (any more), or its group is gone.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no target group {0}")]
pub struct NoSuchTargetGroup(pub String);

/// Why requests are shared out as they were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShared {
    #[error("there is no listener or rule {0} that forwards requests")]
    NoSuchRule(String),
    #[error("there is no target group {0}")]
    NoSuchTargetGroup(String),
}

/// Where there are no balancers.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBalancers;

impl LoadBalancing for NoBalancers {
    fn target_group(&self, _: Sight<'_>, _: &Scope, _: &str) -> Option<TargetGroupFacts> {
        None
    }

    fn register(
        &self,
        _: &mut Transaction,
        target: &TargetRef,
        _: Timestamp,
    ) -> Result<(), NoSuchTargetGroup> {
        Err(NoSuchTargetGroup(target.group.clone()))
    }

    fn deregister(&self, _: &mut Transaction, _: &TargetRef, _: Timestamp) {}

    fn standing(&self, _: Sight<'_>, _: &TargetRef) -> Standing {
        Standing::Gone
    }

    fn reason(&self, _: Sight<'_>, _: &TargetRef) -> Option<String> {
        None
    }

    fn shares(&self, _: Sight<'_>, _: &Scope, _: &str) -> Option<Vec<Share>> {
        None
    }

    fn share(
        &self,
        _: &mut Transaction,
        _: &Scope,
        rule: &str,
        _: &[Share],
    ) -> Result<(), NotShared> {
        Err(NotShared::NoSuchRule(rule.to_owned()))
    }

    fn changed(&self, _: &Change) -> Option<TargetChange> {
        None
    }
}

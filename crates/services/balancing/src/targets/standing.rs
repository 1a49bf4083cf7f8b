//! How a target stands, in ELB's states, reasons and words.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;

use crate::find;
use crate::tables::{HealthState, LoadBalancer, Target, TargetGroup, TargetHealth, TargetType};

/// What ELB tells of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub state: api::TargetHealthStateEnum,
    pub reason: Option<api::TargetHealthReasonEnum>,
    pub description: Option<String>,
}

/// `zone` is where the target is, as far as that is known.
pub fn standing(
    view: &impl View,
    group: &TargetGroup,
    target: Option<&Target>,
    zone: Option<&str>,
) -> Shown {
    use api::TargetHealthReasonEnum as Reason;
    use api::TargetHealthStateEnum as State;
    let Some(target) = target else {
        let words = "Target is not registered to the target group";
        return shown(State::Unused, Reason::TargetNotRegistered, words);
    };
    if target.ends_at.is_some() {
        let words = "Target deregistration is in progress";
        return shown(State::Draining, Reason::TargetDeregistrationInProgress, words);
    }
    let balancers = find::balancers_of(view, group.id);
    let Some(balancer) = balancers.first() else {
        let words = "Target group is not configured to receive traffic from the load balancer";
        return shown(State::Unused, Reason::TargetNotInUse, words);
    };
    if group.target_type == TargetType::Instance && zone.is_none() {
        // Nobody knows where it is, so nothing is sent there.
        let words = "Target is in the stopped state";
        return shown(State::Unused, Reason::TargetInvalidState, words);
    }
    if let Some(zone) = zone.filter(|_| group.target_type != TargetType::Alb)
        && !is_enabled(balancer, zone)
    {
        let words = "Target is in an Availability Zone that is not enabled for the load balancer";
        return shown(State::Unused, Reason::TargetNotInUse, words);
    }
    let key = (target.group, (target.id.clone(), target.port));
    let Some(TargetHealth { health, .. }) = view.get::<TargetHealth>(&key) else {
        let words = "Target registration is in progress";
        return shown(State::Initial, Reason::ElbRegistrationInProgress, words);
    };
    let state = match health.state {
        HealthState::Initial => State::Initial,
        HealthState::Healthy => State::Healthy,
        HealthState::Unhealthy => State::Unhealthy,
    };
    Shown {
        state,
        reason: health.reason.as_deref().map(Reason::from),
        description: health.description.clone(),
    }
}

/// A target outside of the VPC is in none of its zones.
fn is_enabled(balancer: &LoadBalancer, zone: &str) -> bool {
    zone == "all" || balancer.zones.iter().any(|enabled| enabled.name == zone)
}

fn shown(
    state: api::TargetHealthStateEnum,
    reason: api::TargetHealthReasonEnum,
    words: &str,
) -> Shown {
    Shown { state, reason: Some(reason), description: Some(words.to_owned()) }
}

//! Listener rules that a service's deployments shift requests with: what they should say, and whether they can.
//!
//! What they should say follows from the deployments' rows, and is written in the transaction that changes those. Between
//! deployments rules are their owner's alone.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::ports::{LoadBalancing, Share};
use berth_control::tables::View;
use berth_deployment::{Event, Role, RolloutReason, Weights};
use berth_model::{RolloutState, Scope};

use super::lanes;
use crate::rollout;
use crate::tables::{Service, ServiceDeployment, ServiceRevision};

/// What a rule should say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// ARN of a rule, or of a network balancer's listener.
    rule: String,
    shares: Vec<Share>,
}

/// By the rules of the primary deployment's revision; one without leaves requests to those of the ones before it, as far
/// as they know its target group.
///
/// DEVIATES: On AWS a rolling deployment into the target group that does not serve gets no requests until somebody changes the
/// listener rule; here they follow its tasks.
pub fn wanted(view: &impl View, service: &Service) -> Vec<Wanted> {
    let rows: Vec<&ServiceDeployment> = rollout::in_play(view, service).collect();
    let primary = rows.iter().find(|row| row.progress.role == Role::Primary);
    let primary = primary.filter(|row| row.progress.traffic.is_some());
    primary.map_or_else(Vec::new, |primary| by(view, &rows, primary))
}

/// What they should have said until now. A deployment that has just begun in the midst of another has decided nothing yet.
pub fn so_far(view: &impl View, service: &Service) -> Vec<Wanted> {
    let wanted = wanted(view, service);
    if !wanted.is_empty() {
        return wanted;
    }
    let mut rows: Vec<&ServiceDeployment> = rollout::in_play(view, service).collect();
    rows.retain(|row| row.progress.traffic.is_some());
    let cut_off = rows.iter().rev().find(|row| row.progress.reason == RolloutReason::Superseded);
    cut_off.map_or_else(Vec::new, |cut_off| by(view, &rows, cut_off))
}

/// By the rules of this one's revision.
fn by(view: &impl View, rows: &[&ServiceDeployment], primary: &ServiceDeployment) -> Vec<Wanted> {
    let revision = |row: &ServiceDeployment| view.get::<ServiceRevision>(&row.key_of_revision());
    let Some(own) = revision(primary) else { return Vec::new() };
    let of = |group: &str, weight: fn(&Weights) -> Option<f64>| {
        let registered = rows.iter().filter(|row| {
            revision(row).is_some_and(|found| found.target_groups().any(|of| of == group))
        });
        let weights = registered.filter_map(|row| row.progress.traffic.as_ref().and_then(weight));
        weights.reduce(|sum, weight| sum + weight)
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    let older = rows.iter().rev().filter(|row| row.number != primary.number);
    for shifts in [own].into_iter().chain(older.filter_map(|row| revision(row))) {
        if shifts.number != own.number && own.shifts_requests() {
            break;
        }
        for balancer in &shifts.load_balancers {
            let Some((pair, rules)) = lanes::pair(balancer).zip(Rules::of(balancer)) else {
                continue;
            };
            let Some(group) = own.target_groups().find(|it| [pair.0, pair.1].contains(it)) else {
                continue;
            };
            let mut add = |rule: Option<&str>, percent: Option<f64>| {
                let Some((rule, percent)) = rule.zip(percent) else { return };
                if wanted.iter().all(|known| known.rule != rule) {
                    wanted.push(Wanted {
                        rule: rule.to_owned(),
                        shares: split(pair, group, percent),
                    });
                }
            };
            add(Some(rules.production), of(group, |weights| Some(weights.production)));
            add(rules.test, of(group, |weights| weights.test));
        }
    }
    wanted
}

struct Rules<'a> {
    production: &'a str,
    test: Option<&'a str>,
}

impl<'a> Rules<'a> {
    fn of(balancer: &'a api::LoadBalancer) -> Option<Self> {
        let advanced = balancer.advanced_configuration.as_ref()?;
        let test = advanced.test_listener_rule.as_deref();
        Some(Self { production: advanced.production_listener_rule.as_deref()?, test })
    }
}

/// So many of the requests for one group of the pair, the rest for the other. AWS: 100 and 0, or parts of a thousand, none of
/// which are too small to be seen.
fn split(pair: (&str, &str), group: &str, percent: f64) -> Vec<Share> {
    let (weight, rest) = if percent <= 0.0 {
        (0, 100)
    } else if percent >= 100.0 {
        (100, 0)
    } else {
        let weight = (percent * 10.0).round().clamp(1.0, 999.0) as u16;
        (weight, 1000 - weight)
    };
    let share =
        |of: &str| Share { group: of.to_owned(), weight: if of == group { weight } else { rest } };
    vec![share(pair.0), share(pair.1)]
}

/// Whether both share requests out alike, whatever numbers they do it with.
fn are_alike(one: &[Share], other: &[Share]) -> bool {
    let weights = |shares: &[Share]| {
        let mut weights: BTreeMap<String, u64> = BTreeMap::new();
        for share in shares {
            *weights.entry(share.group.clone()).or_default() += u64::from(share.weight);
        }
        weights
    };
    let (one, other) = (weights(one), weights(other));
    let (all_of_one, all_of_other) = (one.values().sum::<u64>(), other.values().sum::<u64>());
    let groups = one.keys().chain(other.keys());
    all_of_one > 0
        && all_of_other > 0
        && groups.into_iter().all(|group| {
            let of = |weights: &BTreeMap<String, u64>| weights.get(group).copied().unwrap_or(0);
            of(&one) * all_of_other == of(&other) * all_of_one
        })
}

/// Has rules say what they should now. `before` is what they should have said until now. What is to be told is that somebody
/// else had them say something else.
///
/// AWS: whatever else they say is overwritten as long as a deployment is under way.
pub fn follow(
    tx: &mut Transaction,
    balancing: &dyn LoadBalancing,
    service: &Service,
    before: &[Wanted],
) -> Vec<Event> {
    let wanted = wanted(tx, service);
    let mut events = Vec::new();
    let primary = rollout::in_play(tx, service).find(|row| row.progress.role == Role::Primary);
    let Some((deployment, rollout)) = primary.map(|row| (row.number, row.progress.rollout)) else {
        return events;
    };
    if rollout != RolloutState::InProgress && wanted == before {
        return events;
    }
    for Wanted { rule, shares } in &wanted {
        let found = balancing.shares(tx.sight(), &service.scope, rule);
        if found.as_ref().is_some_and(|found| are_alike(found, shares)) {
            continue;
        }
        let should = before.iter().find(|before| before.rule == *rule);
        let is_changed =
            found.zip(should).is_some_and(|(found, should)| !are_alike(&found, &should.shares));
        match balancing.share(tx, &service.scope, rule, shares) {
            Ok(()) if is_changed => {
                events.push(Event::RuleRestored { deployment, rule: rule.clone() });
            }
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(service = %service.name, rule, %error, "requests cannot be shifted");
            }
        }
    }
    events
}

/// The group that gets all requests of the production rule, if one does.
pub fn serving(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    scope: &Scope,
    balancer: &api::LoadBalancer,
) -> Option<String> {
    let shares = balancing.shares(view.sight(), scope, Rules::of(balancer)?.production)?;
    match served(&shares).as_slice() {
        [only] => Some(only.group.clone()),
        _ => None,
    }
}

/// AWS: a group alone gets everything, whatever its weight.
fn served(shares: &[Share]) -> Vec<&Share> {
    match shares {
        [only] => vec![only],
        shares => shares.iter().filter(|share| share.weight > 0).collect(),
    }
}

/// Why a deployment cannot shift requests by its rules, in ECS's words.
///
/// AWS: developer guide, troubleshooting-blue-green. What serves is looked at when it begins, but not where one that was
/// under way then has left requests shared out among two.
pub fn obstacle(
    view: &impl View,
    balancing: &dyn LoadBalancing,
    service: &Service,
    row: &ServiceDeployment,
    revision: &ServiceRevision,
) -> Option<String> {
    let is_split = rollout::in_play(view, service).any(|row| {
        let share = row.progress.traffic.map_or(0.0, |weights| weights.production);
        share > 0.0 && share < 100.0
    });
    let is_new = row.progress.stage.is_none() && !is_split;
    revision.load_balancers.iter().find_map(|balancer| {
        let (pair, rules) = lanes::pair(balancer).zip(Rules::of(balancer))?;
        let shares = |rule: &str| balancing.shares(view.sight(), &service.scope, rule);
        let production = shares(rules.production);
        let test = rules.test.map(shares);
        let Some(production) = production.filter(|_| test != Some(None)) else {
            return Some("One or more rules not found".to_owned());
        };
        let group = |arn: &str| balancing.target_group(view.sight(), &service.scope, arn);
        if group(pair.0).is_none() || group(pair.1).is_none() {
            return Some("One or more target groups not found".to_owned());
        }
        if !is_new {
            return None;
        }
        unfit(rules.production, pair, &production, test.flatten().as_deref())
    })
}

fn unfit(
    rule: &str,
    (group, alternate): (&str, &str),
    production: &[Share],
    test: Option<&[Share]>,
) -> Option<String> {
    let served = served(production);
    let stranger = served.iter().find(|share| ![group, alternate].contains(&&*share.group));
    if let Some(Share { group: stranger, .. }) = stranger {
        return Some(format!(
            "Production listener rule is forwarding traffic to unexpected target group {stranger}. Expected traffic to be \
             forwarded to either targetGroupArn: {group} or alternateTargetGroupArn: {alternate}"
        ));
    }
    if served.len() != 1 {
        return Some(format!(
            "productionListenerRule {rule} should have exactly one target group serving traffic but found {} target groups \
             which are serving traffic",
            served.len()
        ));
    }
    // A network balancer's production listener knows one group at a time, and need not have one for tests.
    if is_listener(rule) {
        return None;
    }
    let known = || production.iter().chain(test.into_iter().flatten());
    let is_known = |arn: &str| known().any(|share| share.group == arn);
    let missing = [group, alternate].into_iter().find(|arn| !is_known(arn));
    missing.map(|missing| {
        format!(
            "Target group {missing} is not associated with either productionListenerRule or testListenerRule."
        )
    })
}

/// DEVIATES: With a network load balancer ECS waits ten minutes at each shift, for what carries the traffic to follow; here it
/// follows at once, and nobody waits.
fn is_listener(rule: &str) -> bool {
    rule.contains(":listener/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(of: &[(&str, u16)]) -> Vec<Share> {
        let share =
            |(group, weight): &(&str, u16)| Share { group: (*group).to_owned(), weight: *weight };
        of.iter().map(share).collect()
    }

    #[test]
    fn a_little_is_never_nothing_and_much_never_everything() {
        let weights = |percent| {
            let split = split(("a", "b"), "b", percent);
            (split[1].weight, split[0].weight)
        };
        for (percent, expected) in [
            (0.0, (0, 100)),
            (0.1, (1, 999)),
            (0.01, (1, 999)),
            (5.0, (50, 950)),
            (33.3, (333, 667)),
            (99.99, (999, 1)),
            (100.0, (100, 0)),
        ] {
            assert_eq!(weights(percent), expected, "{percent}");
        }
    }

    #[test]
    fn what_counts_is_the_proportion() {
        let alike = |one, other| are_alike(&shares(one), &shares(other));
        assert!(alike(&[("a", 1)], &[("b", 0), ("a", 100)]));
        assert!(alike(&[("a", 950), ("b", 50)], &[("b", 5), ("a", 95)]));
        assert!(!alike(&[("a", 1)], &[("b", 100), ("a", 0)]));
        assert!(!alike(&[("a", 1), ("b", 1)], &[("a", 100), ("b", 0)]));
        assert!(!alike(&[("a", 0), ("b", 0)], &[("a", 100), ("b", 0)]));
    }

    #[test]
    fn a_deployment_begins_with_one_group_of_the_pair_that_serves() {
        let rule = "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/web/1/2/3";
        let unfit = |production, test: &[(&str, u16)]| {
            super::unfit(rule, ("a", "b"), &shares(production), Some(&shares(test)))
        };
        assert_eq!(unfit(&[("a", 100), ("b", 0)], &[]), None);
        assert_eq!(unfit(&[("b", 0)], &[("a", 1)]), None, "alone, it gets everything");
        for (production, test, expected) in [
            (&[("a", 1), ("b", 1)][..], &[][..], "but found 2 target groups"),
            (&[("a", 0), ("b", 0)], &[], "but found 0 target groups"),
            (&[("c", 1)], &[("a", 1), ("b", 1)], "unexpected target group c"),
            (&[("a", 1)], &[("a", 1)], "Target group b is not associated"),
        ] {
            let why = unfit(production, test).expect("it is refused");
            assert!(why.contains(expected), "{why}");
        }
    }
}

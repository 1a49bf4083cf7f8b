//! What a request names, or ELB's error for what is not there.
//!
//! AWS: an ARN that is of no form at all is a `ValidationError`; one that could be something and is not is `…NotFound`.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;
use berth_model::Scope;

use crate::arns::{self, Named};
use crate::tables::{ElbId, Listener, LoadBalancer, Rule, TargetGroup, TrustStore};

pub fn load_balancer<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: &str,
) -> Result<&'v LoadBalancer, api::Error> {
    let id = match named(scope, arn, "load balancer")? {
        Some(Named::LoadBalancer(id)) => Some(id),
        None => None,
        Some(_) => return Err(not_valid(arn, "load balancer")),
    };
    let found = id.and_then(|id| view.get::<LoadBalancer>(&id));
    found.filter(|found| found.name.arn() == arn).ok_or_else(|| {
        api::Error::load_balancer_not_found(format!("Load balancer '{arn}' not found"))
    })
}

pub fn target_group<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: &str,
) -> Result<&'v TargetGroup, api::Error> {
    let id = match named(scope, arn, "target group")? {
        Some(Named::TargetGroup(id)) => Some(id),
        None => None,
        Some(_) => return Err(not_valid(arn, "target group")),
    };
    let found = id.and_then(|id| view.get::<TargetGroup>(&id));
    found.filter(|found| found.arn() == arn).ok_or_else(|| {
        api::Error::target_group_not_found(format!("Target group '{arn}' not found"))
    })
}

pub fn listener<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: &str,
) -> Result<&'v Listener, api::Error> {
    let id = match named(scope, arn, "listener")? {
        Some(Named::Listener(id)) => Some(id),
        None => None,
        Some(_) => return Err(not_valid(arn, "listener")),
    };
    let found = id.and_then(|id| view.get::<Listener>(&id));
    found
        .filter(|found| found.arn() == arn)
        .ok_or_else(|| api::Error::listener_not_found(format!("Listener '{arn}' not found")))
}

/// A rule that has a row, or the default one of a listener.
pub enum Found<'v> {
    Rule(&'v Rule),
    Default(&'v Listener),
}

pub fn rule<'v>(view: &'v impl View, scope: &Scope, arn: &str) -> Result<Found<'v>, api::Error> {
    let id = match named(scope, arn, "listener rule")? {
        Some(Named::Rule(id)) => Some(id),
        None => None,
        Some(_) => return Err(not_valid(arn, "listener rule")),
    };
    let found = id.and_then(|id| match view.get::<Rule>(&id) {
        Some(rule) => Some(Found::Rule(rule)).filter(|_| rule.arn() == arn),
        None => {
            let id = view.table::<Listener>().indexes().by_default_rule.first(&id)?;
            let listener = view.get::<Listener>(id)?;
            Some(Found::Default(listener)).filter(|_| listener.default_rule_arn() == arn)
        }
    });
    found.ok_or_else(|| api::Error::rule_not_found(format!("Rule '{arn}' not found")))
}

pub fn trust_store<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: &str,
) -> Result<&'v TrustStore, api::Error> {
    let id = match named(scope, arn, "trust store")? {
        Some(Named::TrustStore(id)) => Some(id),
        None => None,
        Some(_) => return Err(not_valid(arn, "trust store")),
    };
    let found = id.and_then(|id| view.get::<TrustStore>(&id));
    found
        .filter(|found| found.arn() == arn)
        .ok_or_else(|| api::Error::trust_store_not_found(format!("Trust store '{arn}' not found")))
}

/// Anything that can have tags.
pub enum Thing<'v> {
    LoadBalancer(&'v LoadBalancer),
    TargetGroup(&'v TargetGroup),
    Listener(&'v Listener),
    Rule(&'v Rule),
    /// The default rule of a listener, which has none.
    DefaultRule,
    TrustStore(&'v TrustStore),
}

pub fn anything<'v>(
    view: &'v impl View,
    scope: &Scope,
    arn: &str,
) -> Result<Thing<'v>, api::Error> {
    let Some((named, _)) = arns::parse(arn) else { return Err(not_valid(arn, "resource")) };
    Ok(match named {
        Named::LoadBalancer(_) => Thing::LoadBalancer(load_balancer(view, scope, arn)?),
        Named::TargetGroup(_) => Thing::TargetGroup(target_group(view, scope, arn)?),
        Named::Listener(_) => Thing::Listener(listener(view, scope, arn)?),
        Named::Rule(_) => match rule(view, scope, arn)? {
            Found::Rule(rule) => Thing::Rule(rule),
            Found::Default(_) => Thing::DefaultRule,
        },
        Named::TrustStore(_) => Thing::TrustStore(trust_store(view, scope, arn)?),
    })
}

/// The listeners of a balancer, by port.
pub fn listeners_of(view: &impl View, balancer: ElbId) -> impl Iterator<Item = &Listener> {
    let table = view.table::<Listener>();
    table.indexes().of(balancer).filter_map(|id| table.get(&id))
}

/// The rules of a listener, the first first, without the default one.
pub fn rules_of(view: &impl View, listener: ElbId) -> impl Iterator<Item = &Rule> {
    let table = view.table::<Rule>();
    table.indexes().of(listener).filter_map(|id| table.get(&id))
}

/// The balancers that send requests to a group, by id: one at most, which the operations see to.
pub fn balancers_of(view: &impl View, group: ElbId) -> Vec<&LoadBalancer> {
    let (listeners, rules) = (view.table::<Listener>(), view.table::<Rule>());
    let by_listeners = listeners.indexes().by_group.get(&group).filter_map(|id| listeners.get(id));
    let by_rules = rules.indexes().by_group.get(&group).filter_map(|id| rules.get(id));
    let ids = by_listeners.map(|listener| listener.of.id).chain(by_rules.map(|rule| rule.of.id));
    let ids: std::collections::BTreeSet<ElbId> = ids.collect();
    ids.iter().filter_map(|id| view.get::<LoadBalancer>(id)).collect()
}

/// `None`: it is of another account or region.
fn named(scope: &Scope, arn: &str, what: &str) -> Result<Option<Named>, api::Error> {
    let (named, prefix) = arns::parse(arn).ok_or_else(|| not_valid(arn, what))?;
    Ok(Some(named).filter(|_| prefix == arns::prefix(scope)))
}

fn not_valid(arn: &str, what: &str) -> api::Error {
    api::Error::validation(format!("'{arn}' is not a valid {what} ARN"))
}

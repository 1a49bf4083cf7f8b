//! Listeners: what they need beside their actions, how they come and go.

pub mod certificates;
pub mod mutual;
pub mod render;
pub mod security;

use std::collections::BTreeSet;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;

use crate::tables::{BalancerKind, BalancerRef, ElbId, Listener, Protocol, Rule};
use crate::{Limits, find};

/// AWS: what each kind of balancer listens to.
pub fn protocol(
    kind: BalancerKind,
    given: Option<&api::ProtocolEnum>,
) -> Result<Protocol, api::Error> {
    let given =
        given.ok_or_else(|| api::Error::validation("A listener protocol must be specified"))?;
    let known = Protocol::try_from(given).ok().filter(|protocol| protocol.kind() == kind);
    known.ok_or_else(|| {
        let allowed = match kind {
            BalancerKind::Application => "HTTPS, HTTP",
            BalancerKind::Network => "UDP, TCP_UDP, TCP, TLS",
        };
        api::Error::validation(format!("Listener protocol '{given}' must be one of '{allowed}'"))
    })
}

pub fn port(given: Option<i32>) -> Result<u16, api::Error> {
    let port = given.and_then(|port| u16::try_from(port).ok());
    port.ok_or_else(|| api::Error::validation("A listener port must be specified"))
}

/// AWS: a port of a balancer has one listener, whatever it speaks.
pub fn check_port(
    view: &impl View,
    balancer: &BalancerRef,
    listener: ElbId,
    port: u16,
) -> Result<(), api::Error> {
    let mut others = find::listeners_of(view, balancer.id).filter(|other| other.id != listener);
    if others.any(|other| other.port == port) {
        let arn = balancer.arn();
        return Err(api::Error::duplicate_listener(format!(
            "A listener already exists on this port for this load balancer '{arn}'"
        )));
    }
    Ok(())
}

/// Whether a listener is the first of all that want its port: then it listens wherever proxies were told to, and not at
/// its balancer's own address alone. It stays so, whoever comes.
pub fn is_first(view: &impl View, listener: ElbId, port: u16, protocol: Protocol) -> bool {
    let table = view.table::<Listener>();
    let others = table.indexes().by_port.get(&port).filter_map(|id| table.get(id));
    others.filter(|other| other.id != listener).all(|other| !other.protocol.collides(protocol))
}

/// Whether a balancer has no more of anything than it may.
pub fn check_limits(
    view: &impl View,
    balancer: &BalancerRef,
    limits: &Limits,
) -> Result<(), api::Error> {
    let (mut listeners, mut rules) = (0, 0);
    let mut groups = BTreeSet::new();
    for listener in find::listeners_of(view, balancer.id) {
        listeners += 1;
        groups.extend(listener.actions.groups());
        for rule in find::rules_of(view, listener.id) {
            rules += 1;
            groups.extend(rule.actions.groups());
        }
    }
    let most = limits.listeners_per_balancer;
    if listeners > most {
        return Err(api::Error::too_many_listeners(format!(
            "The maximum number of listeners per load balancer, '{most}', has been reached"
        )));
    }
    let most = limits.rules_per_balancer;
    if rules > most {
        return Err(api::Error::too_many_rules(format!(
            "The maximum number of rules per load balancer, '{most}', has been reached"
        )));
    }
    let most = limits.groups_per_balancer;
    if groups.len() > most {
        return Err(api::Error::too_many_unique_target_groups_per_load_balancer(format!(
            "The maximum number of target groups per load balancer, '{most}', has been reached"
        )));
    }
    Ok(())
}

/// With its rules.
pub fn delete(tx: &mut Transaction, listener: ElbId) {
    let rules: Vec<ElbId> = find::rules_of(tx, listener).map(|rule| rule.id).collect();
    for rule in rules {
        tx.delete::<Rule>(&rule);
    }
    tx.delete::<Listener>(&listener);
}

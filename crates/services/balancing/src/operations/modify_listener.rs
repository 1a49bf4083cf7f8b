//! ModifyListener: what is named changes, the rest stays.
//!
//! AWS: a listener that speaks TLS no more loses what is about it.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::{Snapshot, Transaction};
use berth_control::pipeline::{Call, Failure};

use crate::authentication_keys;
use crate::find;
use crate::listeners::{self, certificates, mutual, render, security};
use crate::rules::actions::{self, Owner};
use crate::service::Balancing;
use crate::tables::{Actions, Listener, Protocol};

pub async fn modify_listener(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyListenerInput,
) -> Result<api::ModifyListenerOutput, Failure<api::Error>> {
    let view = call.view(&balancing.cell).clone();
    let service = balancing.clone();
    let modify = move |tx: &mut Transaction| modify(tx, &service, &call, &view, input);
    let listener = balancing.cell.write(modify).await?;
    let shown = render::listener(&balancing.cell.snapshot(), &listener);
    Ok(api::ModifyListenerOutput { listeners: Some(vec![shown]) })
}

fn modify(
    tx: &mut Transaction,
    balancing: &Balancing,
    call: &Call,
    view: &Snapshot,
    input: api::ModifyListenerInput,
) -> Result<Listener, Failure<api::Error>> {
    let arn = input.listener_arn.unwrap_or_default();
    let mut listener = find::listener(tx, &call.scope, &arn)?.clone();
    let before = (listener.port, listener.protocol);
    if input.protocol.is_some() {
        listener.protocol = listeners::protocol(listener.of.kind, input.protocol.as_ref())?;
    }
    if input.port.is_some() {
        listener.port = listeners::port(input.port)?;
    }
    let protocol = listener.protocol;
    if !protocol.is_secure() {
        listener.certificates.clear();
        (listener.ssl_policy, listener.alpn) = (None, None);
    }
    if protocol != Protocol::Tls {
        listener.alpn = None;
    }
    if protocol != Protocol::Https {
        listener.mutual = None;
    }
    if input.certificates.is_some() || (protocol.is_secure() && listener.certificates.is_empty()) {
        let given = input.certificates;
        let whose = (&call.scope, call.now);
        if let Some(arn) = certificates::default(balancing, view, whose, protocol, given)? {
            let others = listener.certificates.iter().skip(1).filter(|other| **other != arn);
            listener.certificates = std::iter::once(arn.clone()).chain(others.cloned()).collect();
        }
    }
    if input.ssl_policy.is_some() || listener.ssl_policy.is_none() {
        listener.ssl_policy = security::policy(protocol, input.ssl_policy)?;
    }
    if let Some(given) = input.alpn_policy {
        listener.alpn = security::alpn(protocol, given)?;
    }
    if let Some(given) = input.mutual_authentication {
        listener.mutual = Some(mutual::accept(tx, &call.scope, protocol, given)?);
    }
    if before.1 != protocol || input.default_actions.is_some() {
        let given = input.default_actions.unwrap_or_else(|| as_given(&listener.actions));
        let owner = Owner { id: listener.id, balancer: &listener.of, protocol };
        listener.actions = actions::accept(tx, balancing, &owner, given, Some(&listener.actions))?;
        authentication_keys::ensure(tx, balancing, listener.of.id, &listener.actions)?;
    }
    if before.1 != protocol {
        check_rules(tx, balancing, &listener)?;
    }
    listeners::check_port(tx, &listener.of, listener.id, listener.port)?;
    if before != (listener.port, protocol) {
        listener.everywhere = listeners::is_first(tx, listener.id, listener.port, protocol);
        listener.down = None;
        let known = crate::attributes::listener::of(&listener).known;
        let is_known = |key: &String| known.iter().any(|attribute| attribute.key == key);
        listener.attributes.retain(|key, _| is_known(key));
    }
    tx.put(listener.clone());
    listeners::check_limits(tx, &listener.of, &balancing.limits)?;
    Ok(listener)
}

/// What its rules do must be possible by the new protocol as well.
fn check_rules(
    tx: &Transaction,
    balancing: &Balancing,
    listener: &Listener,
) -> Result<(), Failure<api::Error>> {
    for rule in find::rules_of(tx, listener.id) {
        let owner = Owner { id: rule.id, balancer: &rule.of, protocol: listener.protocol };
        actions::accept(tx, balancing, &owner, as_given(&rule.actions), Some(&rule.actions))?;
    }
    Ok(())
}

/// Actions as a request would ask for them again.
fn as_given(actions: &Actions) -> Vec<api::Action> {
    let mut given = crate::rules::render::actions(actions);
    for config in given.iter_mut().filter_map(|action| action.authenticate_oidc_config.as_mut()) {
        config.use_existing_client_secret = Some(true);
    }
    given
}

//! CreateListener: a port of a balancer, and what is done with requests that no rule is for.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::listeners::{self, certificates, mutual, render, security};
use crate::rules::actions::{self, Owner};
use crate::service::Balancing;
use crate::tables::{Actions, ElbId, Listener};
use crate::{authentication_keys, find, tagging};

pub async fn create_listener(
    balancing: Arc<Balancing>,
    call: Call,
    mut input: api::CreateListenerInput,
) -> Result<api::CreateListenerOutput, Failure<api::Error>> {
    let given = input.default_actions.take().unwrap_or_default();
    let new = wanted(&balancing, &call, input)?;
    let service = balancing.clone();
    let create = move |tx: &mut Transaction| create(tx, &service, new, given);
    let listener = balancing.cell.write(create).await?;
    let shown = render::listener(&balancing.cell.snapshot(), &listener);
    Ok(api::CreateListenerOutput { listeners: Some(vec![shown]) })
}

/// Everything but its actions, which depend on what there is then.
fn wanted(
    balancing: &Balancing,
    call: &Call,
    input: api::CreateListenerInput,
) -> Result<Listener, api::Error> {
    let view = call.view(&balancing.cell);
    let arn = input.load_balancer_arn.unwrap_or_default();
    let balancer = find::load_balancer(view, &call.scope, &arn)?;
    let protocol = listeners::protocol(balancer.name.kind, input.protocol.as_ref())?;
    let port = listeners::port(input.port)?;
    let certificate = certificates::default(
        balancing,
        view,
        (&call.scope, call.now),
        protocol,
        input.certificates,
    )?;
    let mutual = input.mutual_authentication;
    let mutual = mutual.map(|given| mutual::accept(view, &call.scope, protocol, given));
    Ok(Listener {
        id: ElbId::new(&balancing.env),
        of: balancer.name.clone(),
        port,
        protocol,
        certificates: certificate.into_iter().collect(),
        ssl_policy: security::policy(protocol, input.ssl_policy)?,
        alpn: security::alpn(protocol, input.alpn_policy.unwrap_or_default())?,
        mutual: mutual.transpose()?,
        actions: Actions::default(),
        attributes: Default::default(),
        tags: tagging::add(&Tags::new(), input.tags)?,
        default_rule: ElbId::new(&balancing.env),
        everywhere: false,
        down: None,
    })
}

/// The listener that was made, by this request or by its first sending.
fn create(
    tx: &mut Transaction,
    balancing: &Balancing,
    mut new: Listener,
    given: Vec<api::Action>,
) -> Result<Listener, Failure<api::Error>> {
    // The balancer may be gone since.
    find::load_balancer(tx, &new.of.scope, &new.of.arn())?;
    let owner = Owner { id: new.id, balancer: &new.of, protocol: new.protocol };
    new.actions = actions::accept(tx, balancing, &owner, given, None)?;
    let existing = find::listeners_of(tx, new.of.id).find(|existing| existing.port == new.port);
    if let Some(existing) = existing.filter(|existing| is_same(existing, &new)) {
        return Ok(existing.clone());
    }
    authentication_keys::ensure(tx, balancing, new.of.id, &new.actions)?;
    listeners::check_port(tx, &new.of, new.id, new.port)?;
    new.everywhere = listeners::is_first(tx, new.id, new.port, new.protocol);
    tx.put(new.clone());
    listeners::check_limits(tx, &new.of, &balancing.limits)?;
    Ok(new)
}

fn is_same(existing: &Listener, new: &Listener) -> bool {
    existing.protocol == new.protocol
        && existing.certificates.first() == new.certificates.first()
        && existing.ssl_policy == new.ssl_policy
        && existing.alpn == new.alpn
        && existing.mutual == new.mutual
        && existing.actions.shown == new.actions.shown
        && existing.actions.secret.is_none()
        && existing.tags == new.tags
}

//! What proxies are to do: all that the tables say, in the proxies' terms.
//!
//! A function of a snapshot and of what the neighbours know of it. A rule that cannot be carried out whole (its client
//! secret does not open) answers with 500 and is never weakened. Start with [`build`].

mod actions;
mod conditions;
mod groups;
mod listeners;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_control::cell::Snapshot;
use berth_control::sealing::{Sealer, Unsealing};
use berth_proxy_protocol as proxy;

use crate::service::Neighbours;
use crate::tables::{
    AuthenticationKeys, BalancerKind, ElbId, LoadBalancer, Revocation, TargetGroup, TrustStore,
};
use crate::{attributes, authentication_keys, find};

/// Everything but its revision.
pub fn build(view: &Snapshot, neighbours: &Neighbours, sealer: &Sealer) -> proxy::Configuration {
    let mut made = Making { view, sealer, groups: BTreeSet::new(), stores: BTreeSet::new() };
    let balancers: Vec<_> =
        view.table::<LoadBalancer>().iter().map(|balancer| made.balancer(balancer)).collect();
    let Making { groups, stores, .. } = made;
    let groups = groups.iter().filter_map(|id| view.get::<TargetGroup>(id));
    proxy::Configuration {
        revision: 0,
        certificates: certificates(view, neighbours),
        target_groups: groups.map(|group| groups::group(view, neighbours, group)).collect(),
        trust_stores: stores.iter().filter_map(|id| trust_store(view, *id)).collect(),
        balancers,
    }
}

/// What balancers refer to is collected on the way.
struct Making<'a> {
    view: &'a Snapshot,
    sealer: &'a Sealer,
    groups: BTreeSet<ElbId>,
    stores: BTreeSet<ElbId>,
}

impl Making<'_> {
    fn balancer(&mut self, balancer: &LoadBalancer) -> proxy::Balancer {
        let view = self.view;
        let listeners = find::listeners_of(view, balancer.id());
        proxy::Balancer {
            arn: balancer.name.arn(),
            resource: balancer.name.path(),
            kind: match balancer.name.kind {
                BalancerKind::Application => proxy::BalancerKind::Application,
                BalancerKind::Network => proxy::BalancerKind::Network,
            },
            addresses: vec![balancer.address().into()],
            attributes: balancer_attributes(balancer),
            authentication: self.authentication(balancer),
            listeners: listeners.map(|listener| self.listener(listener)).collect(),
        }
    }
}

impl Making<'_> {
    /// Without them, listeners that authenticate users are not opened.
    fn authentication(&self, balancer: &LoadBalancer) -> Option<proxy::AuthenticationKeys> {
        let keys = self.view.get::<AuthenticationKeys>(&balancer.id())?;
        let opened = authentication_keys::open(self.sealer, keys);
        let told = |error: &Unsealing| {
            tracing::error!(balancer = balancer.name.arn(), %error, "a balancer's keys do not open");
        };
        let secrets = opened.inspect_err(told).ok()?;
        Some(proxy::AuthenticationKeys {
            session_key: proxy::Secret(STANDARD.encode(*secrets.session_key)),
            signing_key: proxy::Secret(STANDARD.encode(&*secrets.signing_key)),
            signing_key_id: keys.id.to_string(),
        })
    }
}

fn balancer_attributes(balancer: &LoadBalancer) -> proxy::BalancerAttributes {
    // What only application balancers have is of no meaning to the others, and is as it is at first.
    let (set, http) =
        (&balancer.attributes, attributes::load_balancer::of(BalancerKind::Application));
    let own = attributes::load_balancer::of(balancer.name.kind);
    proxy::BalancerAttributes {
        idle_timeout_seconds: http.number(set, "idle_timeout.timeout_seconds"),
        client_keep_alive_seconds: http.number(set, "client_keep_alive.seconds"),
        http2: http.truth(set, "routing.http2.enabled"),
        desync_mitigation: match http.value(set, "routing.http.desync_mitigation_mode") {
            "monitor" => proxy::DesyncMitigation::Monitor,
            "strictest" => proxy::DesyncMitigation::Strictest,
            _ => proxy::DesyncMitigation::Defensive,
        },
        header_names: if http.truth(set, "routing.http.drop_invalid_header_fields.enabled") {
            proxy::HeaderNames::ValidOnly
        } else {
            proxy::HeaderNames::Any
        },
        forwarded_for: match http.value(set, "routing.http.xff_header_processing.mode") {
            "preserve" => proxy::ForwardedFor::Preserve,
            "remove" => proxy::ForwardedFor::Remove,
            _ => proxy::ForwardedFor::Append,
        },
        forwarded_for_port: http.truth(set, "routing.http.xff_client_port.enabled"),
        preserve_host: http.truth(set, "routing.http.preserve_host_header.enabled"),
        tls_version_and_cipher_headers: http
            .truth(set, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        cross_zone: own.truth(set, "load_balancing.cross_zone.enabled"),
        access_logs: own.truth(set, "access_logs.s3.enabled"),
        connection_logs: http.truth(set, "connection_logs.s3.enabled"),
    }
}

/// Those of all listeners, each once.
fn certificates(view: &Snapshot, neighbours: &Neighbours) -> Vec<proxy::Certificate> {
    let mut used = BTreeMap::new();
    for listener in view.table::<crate::tables::Listener>().iter() {
        for arn in &listener.certificates {
            used.entry(arn).or_insert(&listener.of.scope);
        }
    }
    let found = used.into_iter().filter_map(|(arn, scope)| {
        let Some(found) = neighbours.certificates.find(view, scope, arn) else {
            tracing::warn!(arn, "a listener's certificate is gone");
            return None;
        };
        Some(proxy::Certificate {
            arn: arn.clone(),
            chain: found.chain,
            private_key: proxy::Secret(found.private_key.to_string()),
            names: found.names,
        })
    });
    found.collect()
}

fn trust_store(view: &Snapshot, id: ElbId) -> Option<proxy::TrustStore> {
    let store = view.get::<TrustStore>(&id)?;
    let revocations = view.table::<Revocation>().within(&id);
    Some(proxy::TrustStore {
        arn: store.arn(),
        authorities: store.authorities.clone(),
        revocations: revocations.map(|list| list.content.clone()).collect(),
    })
}

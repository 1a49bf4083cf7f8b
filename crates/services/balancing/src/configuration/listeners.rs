//! Listeners and their rules.

use berth_aws_api::elbv2 as api;
use berth_proxy_protocol as proxy;

use super::{Making, actions, conditions};
use crate::attributes::listener::{RENAMED_HEADERS, RESPONSE_HEADERS, SERVER, TCP_IDLE};
use crate::tables::{Listener, MutualAuthentication, Protocol, Rule, TrustStore};
use crate::{attributes, find, ssl_policies};

impl Making<'_> {
    pub(super) fn listener(&mut self, listener: &Listener) -> proxy::Listener {
        let rules = find::rules_of(self.view, listener.id).map(|rule| self.rule(rule)).collect();
        self.groups.extend(listener.actions.groups());
        let policy = listener.ssl_policy.as_deref().and_then(ssl_policies::find);
        proxy::Listener {
            arn: listener.arn(),
            port: listener.port,
            protocol: protocol(listener.protocol),
            everywhere: listener.everywhere,
            certificates: listener.certificates.clone(),
            security_policy: policy.map(ssl_policies::Policy::taken),
            client_authentication: self.client_authentication(listener),
            alpn: listener.alpn.as_deref().map(alpn),
            attributes: listener_attributes(listener),
            default_actions: actions::actions(self, &listener.of, listener.id, &listener.actions),
            rules,
        }
    }

    fn rule(&mut self, rule: &Rule) -> proxy::Rule {
        self.groups.extend(rule.actions.groups());
        proxy::Rule {
            arn: rule.arn(),
            priority: rule.priority,
            conditions: rule.conditions.iter().filter_map(|it| conditions::condition(it)).collect(),
            actions: actions::actions(self, &rule.of, rule.id, &rule.actions),
            transforms: rule.transforms.iter().filter_map(|it| transform(it)).collect(),
        }
    }

    fn client_authentication(&mut self, listener: &Listener) -> proxy::ClientAuthentication {
        match &listener.mutual {
            None | Some(MutualAuthentication::Off) => proxy::ClientAuthentication::Off,
            Some(MutualAuthentication::Passthrough) => proxy::ClientAuthentication::Passthrough,
            Some(MutualAuthentication::Verify { trust_store, ignore_expiry }) => {
                self.stores.insert(*trust_store);
                let store = self.view.get::<TrustStore>(trust_store);
                proxy::ClientAuthentication::Verify {
                    // One that listeners use is not deleted; an unknown one lets nobody in.
                    trust_store: store.map(TrustStore::arn).unwrap_or_default(),
                    accept_expired: *ignore_expiry,
                }
            }
        }
    }
}

fn protocol(protocol: Protocol) -> proxy::ListenerProtocol {
    match protocol {
        Protocol::Http => proxy::ListenerProtocol::Http,
        Protocol::Https => proxy::ListenerProtocol::Https,
        Protocol::Tcp => proxy::ListenerProtocol::Tcp,
        Protocol::Tls => proxy::ListenerProtocol::Tls,
        Protocol::Udp => proxy::ListenerProtocol::Udp,
        Protocol::TcpUdp => proxy::ListenerProtocol::TcpUdp,
    }
}

fn alpn(policy: &str) -> proxy::AlpnPolicy {
    match policy {
        "HTTP1Only" => proxy::AlpnPolicy::Http1Only,
        "HTTP2Only" => proxy::AlpnPolicy::Http2Only,
        "HTTP2Optional" => proxy::AlpnPolicy::Http2Optional,
        "HTTP2Preferred" => proxy::AlpnPolicy::Http2Preferred,
        _ => proxy::AlpnPolicy::None,
    }
}

fn listener_attributes(listener: &Listener) -> proxy::ListenerAttributes {
    let (known, set) = (attributes::listener::of(listener), &listener.attributes);
    let said = |headers: &[(&'static str, &'static str)]| {
        let said = headers.iter().filter_map(|(key, header)| {
            let value = known.value(set, key);
            (!value.is_empty()).then(|| ((*header).to_owned(), value.to_owned()))
        });
        said.collect()
    };
    let idle = known.number(set, TCP_IDLE);
    proxy::ListenerAttributes {
        tcp_idle_timeout_seconds: Some(idle).filter(|seconds| *seconds != 0),
        server_header: known.truth(set, SERVER),
        response_headers: said(RESPONSE_HEADERS),
        renamed_request_headers: said(RENAMED_HEADERS),
    }
}

fn transform(transform: &api::RuleTransform) -> Option<proxy::Transform> {
    let rewrites = |given: &Option<Vec<api::RewriteConfig>>| {
        let rewrite = |rewrite: &api::RewriteConfig| proxy::Rewrite {
            matches: proxy::Pattern::Regex(rewrite.regex.clone().unwrap_or_default()),
            replace: rewrite.replace.clone().unwrap_or_default(),
        };
        given.iter().flatten().map(rewrite).collect()
    };
    if let Some(config) = &transform.host_header_rewrite_config {
        return Some(proxy::Transform::HostHeaderRewrite { rewrites: rewrites(&config.rewrites) });
    }
    let config = transform.url_rewrite_config.as_ref()?;
    Some(proxy::Transform::UrlRewrite { rewrites: rewrites(&config.rewrites) })
}

//! A proxy, and configurations for it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use berth_proxy::{Options, Proxy};
use berth_proxy_protocol::{
    Action, Algorithm, Balancer, BalancerAttributes, BalancerKind, ClientAuthentication, Condition,
    Configuration, DesyncMitigation, FixedResponse, Forward, ForwardedFor, GroupAttributes,
    GroupProtocol, HeaderNames, HttpVersion, Listener, ListenerAttributes, ListenerProtocol,
    Pattern, Rule, Target, TargetGroup, WeightedGroup,
};

/// A proxy, and the configuration that it has once [`World::apply`] is called.
pub struct World {
    pub proxy: Proxy,
    pub configuration: Configuration,
}

impl World {
    /// One balancer with one plain listener, which forwards to one group with these targets.
    pub fn forwarding_to(targets: &[SocketAddr]) -> World {
        let world = World::new(vec![forward("group")], vec![group("group", targets)]);
        world.apply();
        world
    }

    /// Not applied yet.
    pub fn new(actions: Vec<Action>, target_groups: Vec<TargetGroup>) -> World {
        World::logging_to(None, actions, target_groups)
    }

    pub fn logging_to(
        log_folder: Option<PathBuf>,
        actions: Vec<Action>,
        target_groups: Vec<TargetGroup>,
    ) -> World {
        World::with(Options { log_folder, ..World::options() }, actions, target_groups)
    }

    pub fn options() -> Options {
        Options {
            zone: None,
            addresses: vec![Ipv4Addr::LOCALHOST.into()],
            log_folder: None,
            is_on_the_way_back: false,
            issuer_authorities: None,
            issuer_patience: Duration::from_secs(10),
            most_connections: 1000,
            grace: Duration::from_secs(10),
        }
    }

    pub fn with(options: Options, actions: Vec<Action>, target_groups: Vec<TargetGroup>) -> World {
        let proxy = Proxy::start(options);
        let balancer = Balancer {
            arn: "balancer".to_owned(),
            resource: "app/test/1".to_owned(),
            kind: BalancerKind::Application,
            addresses: Vec::new(),
            authentication: None,
            attributes: BalancerAttributes {
                idle_timeout_seconds: 60,
                client_keep_alive_seconds: 3600,
                http2: true,
                desync_mitigation: DesyncMitigation::Defensive,
                header_names: HeaderNames::Any,
                forwarded_for: ForwardedFor::Append,
                forwarded_for_port: false,
                preserve_host: true,
                tls_version_and_cipher_headers: false,
                cross_zone: true,
                access_logs: false,
                connection_logs: false,
            },
            listeners: vec![listener("listener", actions)],
        };
        let configuration = Configuration {
            revision: 1,
            balancers: vec![balancer],
            target_groups,
            ..Configuration::default()
        };
        World { proxy, configuration }
    }

    pub fn apply(&self) {
        self.proxy.apply(&self.configuration);
        for listener in self.proxy.state().listeners {
            assert_eq!(listener.problem, None, "{}", listener.arn);
        }
    }

    pub fn balancer(&mut self) -> &mut Balancer {
        &mut self.configuration.balancers[0]
    }

    pub fn listener(&mut self) -> &mut Listener {
        &mut self.balancer().listeners[0]
    }

    pub fn group(&mut self) -> &mut TargetGroup {
        &mut self.configuration.target_groups[0]
    }

    /// Where the only listener is.
    pub fn address(&self) -> SocketAddr {
        self.address_of("listener")
    }

    pub fn address_of(&self, arn: &str) -> SocketAddr {
        let state = self.proxy.state();
        let listener = state.listeners.iter().find(|listener| listener.arn == arn);
        listener.expect("there is such a listener").address
    }

    /// A metric of the only balancer.
    pub fn metric(&self, name: &str) -> u64 {
        let counters = self.proxy.counters();
        counters.balancers["app/test/1"].metrics.get(name).copied().unwrap_or_default()
    }
}

pub fn listener(arn: &str, actions: Vec<Action>) -> Listener {
    Listener {
        arn: arn.to_owned(),
        port: 0,
        protocol: ListenerProtocol::Http,
        everywhere: true,
        certificates: Vec::new(),
        security_policy: None,
        client_authentication: ClientAuthentication::Off,
        alpn: None,
        attributes: ListenerAttributes { server_header: true, ..ListenerAttributes::default() },
        default_actions: actions,
        rules: Vec::new(),
    }
}

pub fn rule(priority: u32, conditions: Vec<Condition>, action: Action) -> Rule {
    let arn = format!("rule-{priority}");
    Rule { arn, priority, conditions, actions: vec![action], transforms: Vec::new() }
}

pub fn path(pattern: &str) -> Condition {
    Condition::PathPattern { values: vec![Pattern::Wildcard(pattern.to_owned())] }
}

pub fn host(pattern: &str) -> Condition {
    Condition::HostHeader { values: vec![Pattern::Wildcard(pattern.to_owned())] }
}

pub fn forward(group: &str) -> Action {
    weighted(&[(group, 1)], None)
}

pub fn weighted(groups: &[(&str, u16)], sticky_seconds: Option<u32>) -> Action {
    let weighted =
        |&(group, weight): &(&str, u16)| WeightedGroup { group: group.to_owned(), weight };
    Action::Forward(Forward { groups: groups.iter().map(weighted).collect(), sticky_seconds })
}

pub fn fixed(status: u16, body: &str) -> Action {
    Action::FixedResponse(FixedResponse { status, content_type: None, body: body.to_owned() })
}

pub fn group(arn: &str, targets: &[SocketAddr]) -> TargetGroup {
    TargetGroup {
        arn: arn.to_owned(),
        name: arn.to_owned(),
        protocol: GroupProtocol::Http,
        http_version: HttpVersion::Http1,
        attributes: GroupAttributes {
            algorithm: Algorithm::RoundRobin,
            anomaly_mitigation: false,
            slow_start_seconds: 0,
            stickiness: None,
            deregistration_delay_seconds: 300,
            terminate_on_deregistration: false,
            terminate_on_unhealthy: false,
            proxy_protocol_v2: false,
            preserve_client_ip: false,
            cross_zone: true,
            minimum_healthy_count: 1,
            minimum_healthy_percentage: 0,
        },
        health_check: None,
        targets: targets.iter().copied().map(target).collect(),
    }
}

pub fn target(address: SocketAddr) -> Target {
    Target {
        id: address.ip().to_string(),
        address: address.ip(),
        port: address.port(),
        zone: "a".to_owned(),
        is_draining: false,
    }
}

//! A proxy with one network balancer that has one listener and one group.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use berth_proxy::{Counted, Options, Proxy};
use berth_proxy_protocol::{
    Action, Algorithm, Balancer, BalancerAttributes, BalancerKind, ClientAuthentication,
    Configuration, DesyncMitigation, Forward, ForwardedFor, GroupAttributes, GroupProtocol,
    HeaderNames, HttpVersion, Listener, ListenerAttributes, ListenerProtocol, Target, TargetGroup,
    WeightedGroup,
};

pub struct Story {
    pub proxy: Proxy,
    pub configuration: Configuration,
}

impl Story {
    /// What is asked for is done to the configuration before it is applied.
    pub fn new(
        protocol: ListenerProtocol,
        targets: &[SocketAddr],
        ask: impl FnOnce(&mut Configuration),
    ) -> Story {
        let mut configuration = Configuration {
            revision: 1,
            balancers: vec![balancer(protocol)],
            target_groups: vec![group(targets)],
            ..Configuration::default()
        };
        ask(&mut configuration);
        Story::with(configuration, false)
    }

    pub fn with(configuration: Configuration, is_on_the_way_back: bool) -> Story {
        let proxy = Proxy::start(Options { is_on_the_way_back, ..Story::options() });
        proxy.apply(&configuration);
        Story { proxy, configuration }
    }

    pub fn options() -> Options {
        Options {
            zone: None,
            addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            log_folder: None,
            is_on_the_way_back: false,
            issuer_authorities: None,
            issuer_patience: Duration::from_secs(10),
            most_connections: 10_000,
            grace: Duration::from_secs(30),
        }
    }

    /// Another proxy has this one's sockets from now on; this one is given back.
    pub fn succeed(&mut self) -> Proxy {
        let estate = self.proxy.estate().expect("sockets can be had twice");
        let new = Proxy::succeeding(Story::options(), estate);
        new.apply(&self.configuration);
        std::mem::replace(&mut self.proxy, new)
    }

    pub fn tcp(targets: &[SocketAddr], ask: impl FnOnce(&mut GroupAttributes)) -> Story {
        Story::new(ListenerProtocol::Tcp, targets, |configuration| {
            ask(&mut configuration.target_groups[0].attributes);
        })
    }

    pub fn apply(&mut self, change: impl FnOnce(&mut Configuration)) {
        change(&mut self.configuration);
        self.proxy.apply(&self.configuration);
    }

    /// Of the first listener, or of its datagrams if it has both.
    pub fn address(&self, number: usize) -> SocketAddr {
        let state = self.proxy.state();
        let listener = &state.listeners[number];
        assert_eq!(listener.problem, None);
        listener.address
    }

    pub fn counted(&self) -> Counted {
        self.proxy.counters().balancers["net/edge/1"].clone()
    }

    pub fn count(&self, metric: &str) -> u64 {
        self.counted().metrics.get(metric).copied().unwrap_or(0)
    }

    /// Counting comes after what is counted, but soon.
    pub async fn wait_for(&self, metric: &str, count: u64) {
        while self.count(metric) != count {
            tokio::task::yield_now().await;
        }
    }
}

fn balancer(protocol: ListenerProtocol) -> Balancer {
    Balancer {
        arn: "edge".to_owned(),
        resource: "net/edge/1".to_owned(),
        kind: BalancerKind::Network,
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
            preserve_host: false,
            tls_version_and_cipher_headers: false,
            cross_zone: true,
            access_logs: false,
            connection_logs: false,
        },
        listeners: vec![Listener {
            arn: "listener".to_owned(),
            port: 0,
            protocol,
            everywhere: true,
            certificates: Vec::new(),
            security_policy: None,
            client_authentication: ClientAuthentication::Off,
            alpn: None,
            attributes: ListenerAttributes::default(),
            default_actions: vec![Action::Forward(Forward {
                groups: vec![WeightedGroup { group: "group".to_owned(), weight: 1 }],
                sticky_seconds: None,
            })],
            rules: Vec::new(),
        }],
    }
}

pub fn group(targets: &[SocketAddr]) -> TargetGroup {
    TargetGroup {
        arn: "group".to_owned(),
        name: "group".to_owned(),
        protocol: GroupProtocol::Tcp,
        http_version: HttpVersion::Http1,
        attributes: GroupAttributes {
            algorithm: Algorithm::RoundRobin,
            anomaly_mitigation: false,
            slow_start_seconds: 0,
            stickiness: None,
            deregistration_delay_seconds: 300,
            terminate_on_deregistration: false,
            terminate_on_unhealthy: true,
            proxy_protocol_v2: false,
            preserve_client_ip: false,
            cross_zone: true,
            minimum_healthy_count: 1,
            minimum_healthy_percentage: 0,
        },
        health_check: None,
        targets: targets.iter().map(target).collect(),
    }
}

fn target(address: &SocketAddr) -> Target {
    Target {
        id: address.ip().to_string(),
        address: address.ip(),
        port: address.port(),
        zone: "a".to_owned(),
        is_draining: false,
    }
}

//! Target groups, with their targets where they are reached.

use std::net::IpAddr;

use berth_control::cell::Snapshot;
use berth_control::tables::View;
use berth_proxy_protocol as proxy;

use crate::service::Neighbours;
use crate::tables::{
    HealthCheck, LoadBalancer, Protocol, ProtocolVersion, Target, TargetGroup, TargetType,
};
use crate::target_groups::matcher;
use crate::{attributes, find};

pub fn group(view: &Snapshot, neighbours: &Neighbours, group: &TargetGroup) -> proxy::TargetGroup {
    let balancers = find::balancers_of(view, group.id);
    let balancer = balancers.first().copied();
    let targets = view.table::<Target>().within(&group.id);
    let targets = targets.filter_map(|target| reached(view, neighbours, group, balancer, target));
    proxy::TargetGroup {
        arn: group.arn(),
        name: group.name.clone(),
        protocol: match group.protocol {
            Protocol::Http => proxy::GroupProtocol::Http,
            Protocol::Https => proxy::GroupProtocol::Https,
            Protocol::Tcp => proxy::GroupProtocol::Tcp,
            Protocol::Tls => proxy::GroupProtocol::Tls,
            Protocol::Udp => proxy::GroupProtocol::Udp,
            Protocol::TcpUdp => proxy::GroupProtocol::TcpUdp,
        },
        http_version: match group.version {
            None | Some(ProtocolVersion::Http1) => proxy::HttpVersion::Http1,
            Some(ProtocolVersion::Http2) => proxy::HttpVersion::Http2,
            Some(ProtocolVersion::Grpc) => proxy::HttpVersion::Grpc,
        },
        attributes: group_attributes(group, balancer),
        health_check: Some(health_check(group, &group.check)),
        targets: targets.collect(),
    }
}

/// `None`: nobody knows where it is, or its balancer is not in its zone.
fn reached(
    view: &Snapshot,
    neighbours: &Neighbours,
    group: &TargetGroup,
    balancer: Option<&LoadBalancer>,
    target: &Target,
) -> Option<proxy::Target> {
    let (address, zone) = match group.target_type {
        TargetType::Instance => {
            let host = neighbours.hosts.find(view.sight(), &group.scope, &target.id)?;
            (host.address, Some(host.zone))
        }
        TargetType::Ip => (target.id.parse().ok()?, target.zone.clone()),
        TargetType::Alb => {
            let behind = find::load_balancer(view, &group.scope, &target.id).ok()?;
            (IpAddr::from(behind.address()), None)
        }
    };
    let zone = zone.unwrap_or_else(|| "all".to_owned());
    let enabled = balancer.map(|balancer| balancer.zones.as_slice()).unwrap_or_default();
    if zone != "all" && !enabled.iter().any(|enabled| enabled.name == zone) {
        return None;
    }
    let (id, is_draining) = (target.id.clone(), target.ends_at.is_some());
    Some(proxy::Target { id, address, port: target.port, zone, is_draining })
}

fn group_attributes(
    group: &TargetGroup,
    balancer: Option<&LoadBalancer>,
) -> proxy::GroupAttributes {
    let (known, set) = (attributes::target_group::of(group), &group.attributes);
    let percentage = known.number(
        set,
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    );
    let cross_zone = match known.value(set, "load_balancing.cross_zone.enabled") {
        "true" => true,
        "false" => false,
        _ => balancer.is_none_or(|balancer| {
            let of_balancer = attributes::load_balancer::of(balancer.name.kind);
            of_balancer.truth(&balancer.attributes, "load_balancing.cross_zone.enabled")
        }),
    };
    proxy::GroupAttributes {
        algorithm: match known.value(set, "load_balancing.algorithm.type") {
            "least_outstanding_requests" => proxy::Algorithm::LeastOutstandingRequests,
            "weighted_random" => proxy::Algorithm::WeightedRandom,
            _ => proxy::Algorithm::RoundRobin,
        },
        anomaly_mitigation: known.value(set, "load_balancing.algorithm.anomaly_mitigation") == "on",
        slow_start_seconds: known.number(set, "slow_start.duration_seconds"),
        stickiness: known.truth(set, "stickiness.enabled").then(|| {
            match known.value(set, "stickiness.type") {
                "app_cookie" => proxy::Stickiness::AppCookie {
                    name: known.value(set, "stickiness.app_cookie.cookie_name").to_owned(),
                    seconds: known.number(set, "stickiness.app_cookie.duration_seconds"),
                },
                "source_ip" => proxy::Stickiness::SourceIp,
                _ => proxy::Stickiness::LbCookie {
                    seconds: known.number(set, "stickiness.lb_cookie.duration_seconds"),
                },
            }
        }),
        deregistration_delay_seconds: known.number(set, "deregistration_delay.timeout_seconds"),
        terminate_on_deregistration: known
            .truth(set, "deregistration_delay.connection_termination.enabled"),
        terminate_on_unhealthy: known
            .truth(set, "target_health_state.unhealthy.connection_termination.enabled"),
        proxy_protocol_v2: known.truth(set, "proxy_protocol_v2.enabled"),
        preserve_client_ip: known.truth(set, "preserve_client_ip.enabled"),
        cross_zone,
        minimum_healthy_count: known.number(
            set,
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        ),
        minimum_healthy_percentage: u8::try_from(percentage).unwrap_or(100),
    }
}

fn health_check(group: &TargetGroup, check: &HealthCheck) -> proxy::HealthCheck {
    let is_grpc = group.version == Some(ProtocolVersion::Grpc);
    let codes = check.matcher.as_deref().and_then(|text| matcher::parse(text, 0..=u16::MAX));
    let codes = codes.unwrap_or_default();
    proxy::HealthCheck {
        protocol: match check.protocol {
            Protocol::Http => proxy::HealthProtocol::Http,
            Protocol::Https => proxy::HealthProtocol::Https,
            Protocol::Tls => proxy::HealthProtocol::Tls,
            Protocol::Tcp | Protocol::Udp | Protocol::TcpUdp => proxy::HealthProtocol::Tcp,
        },
        port: check.port,
        path: check.path.clone().unwrap_or_default(),
        interval_seconds: check.interval,
        timeout_seconds: check.timeout,
        healthy_threshold: check.healthy,
        unhealthy_threshold: check.unhealthy,
        matcher: if is_grpc { proxy::Matcher::Grpc(codes) } else { proxy::Matcher::Http(codes) },
    }
}

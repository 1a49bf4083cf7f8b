//! Those of target groups. AWS: ELBv2's API reference, TargetGroupAttribute.

use super::Takes::{Number, NumberOrOff, Only, Text, Truth, Word};
use super::{Attribute, Attributes};
use crate::tables::{Protocol, TargetGroup, TargetType};

const fn attribute(key: &'static str, first: &'static str, takes: super::Takes) -> Attribute {
    Attribute { key, first, takes }
}

static OF_ALL: &[Attribute] = &[
    attribute("deregistration_delay.timeout_seconds", "300", Number(0, 3600)),
    attribute("stickiness.enabled", "false", Truth),
    attribute(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Word(&["true", "false", "use_load_balancer_configuration"]),
    ),
    // Names are not taken out of DNS when there are few healthy targets: nothing else answers for them.
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        Only("there is no other address that a name could stand for"),
    ),
    attribute(
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        Only("there is no other address that a name could stand for"),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Number(1, 5000),
    ),
    attribute(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        NumberOrOff(1, 100),
    ),
];

static OF_HTTP: &[Attribute] = &[
    attribute("load_balancing.algorithm.anomaly_mitigation", "off", Word(&["on", "off"])),
    attribute(
        "load_balancing.algorithm.type",
        "round_robin",
        Word(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    attribute("slow_start.duration_seconds", "0", Number(0, 900)),
    attribute("stickiness.app_cookie.cookie_name", "", Text(512)),
    attribute("stickiness.app_cookie.duration_seconds", "86400", Number(1, 604_800)),
    attribute("stickiness.lb_cookie.duration_seconds", "86400", Number(1, 604_800)),
    attribute("stickiness.type", "lb_cookie", Word(&["lb_cookie", "app_cookie"])),
];

static OF_NETWORK: &[Attribute] = &[
    attribute("deregistration_delay.connection_termination.enabled", "false", Truth),
    attribute("proxy_protocol_v2.enabled", "false", Truth),
    attribute("stickiness.type", "source_ip", Word(&["source_ip"])),
    attribute("target_health_state.unhealthy.connection_termination.enabled", "true", Truth),
    attribute(
        "target_health_state.unhealthy.draining_interval_seconds",
        "0",
        Only("connections of an unhealthy target end at once, or not at all"),
    ),
];

/// Whether the client's address is kept is so at first by what the targets are.
static KEPT: Attribute = attribute("preserve_client_ip.enabled", "true", Truth);
static NOT_KEPT: Attribute = attribute("preserve_client_ip.enabled", "false", Truth);
/// AWS: of UDP it is always kept.
static ALWAYS_KEPT: Attribute = attribute(
    "preserve_client_ip.enabled",
    "true",
    Only("the addresses of UDP's clients are always kept"),
);

/// AWS: of functions and of gateway balancers, which are not there.
static OF_OTHERS: &[&str] = &[
    "lambda.multi_value_headers.enabled",
    "target_failover.on_deregistration",
    "target_failover.on_unhealthy",
];

pub fn of(group: &TargetGroup) -> Attributes {
    for_kind(group.protocol, group.target_type)
}

fn for_kind(protocol: Protocol, target_type: TargetType) -> Attributes {
    let (own, other) =
        if protocol.is_http() { (OF_HTTP, OF_NETWORK) } else { (OF_NETWORK, OF_HTTP) };
    let mut known: Vec<&Attribute> = OF_ALL.iter().chain(own).collect();
    let mut elsewhere: Vec<&str> = other.iter().map(|attribute| attribute.key).collect();
    elsewhere.extend(OF_OTHERS);
    if protocol.is_http() {
        elsewhere.push(KEPT.key);
    } else {
        known.push(match (protocol, target_type) {
            (Protocol::Udp | Protocol::TcpUdp, _) => &ALWAYS_KEPT,
            (_, TargetType::Ip) => &NOT_KEPT,
            _ => &KEPT,
        });
    }
    known.sort_by_key(|attribute| attribute.key);
    Attributes {
        what: "Target group",
        which: format!("target groups with protocol '{}'", protocol.as_str()),
        known,
        elsewhere,
    }
}

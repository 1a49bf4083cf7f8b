//! Those of load balancers. AWS: ELBv2's API reference, LoadBalancerAttribute.

use super::Takes::{Number, Only, Text, Truth, Word};
use super::{Attribute, Attributes};
use crate::tables::BalancerKind;

const fn attribute(key: &'static str, first: &'static str, takes: super::Takes) -> Attribute {
    Attribute { key, first, takes }
}

static OF_BOTH: &[Attribute] = &[
    attribute("access_logs.s3.bucket", "", Text(1024)),
    attribute("access_logs.s3.enabled", "false", Truth),
    attribute("access_logs.s3.prefix", "", Text(1024)),
    attribute("deletion_protection.enabled", "false", Truth),
    attribute("ipv6.deny_all_igw_traffic", "false", Only("there is no internet gateway")),
    attribute("zonal_shift.config.enabled", "false", Only("zones are not shifted away from")),
];

static OF_APPLICATION: &[Attribute] = &[
    attribute("client_keep_alive.seconds", "3600", Number(60, 604_800)),
    attribute("connection_logs.s3.bucket", "", Text(1024)),
    attribute("connection_logs.s3.enabled", "false", Truth),
    attribute("connection_logs.s3.prefix", "", Text(1024)),
    attribute("health_check_logs.s3.bucket", "", Only("checks of health are not logged")),
    attribute("health_check_logs.s3.enabled", "false", Only("checks of health are not logged")),
    attribute("health_check_logs.s3.prefix", "", Only("checks of health are not logged")),
    attribute("idle_timeout.timeout_seconds", "60", Number(1, 4000)),
    attribute(
        "load_balancing.cross_zone.enabled",
        "true",
        Only("AWS: it is always on for application load balancers"),
    ),
    attribute(
        "routing.http.desync_mitigation_mode",
        "defensive",
        Word(&["monitor", "defensive", "strictest"]),
    ),
    attribute("routing.http.drop_invalid_header_fields.enabled", "false", Truth),
    attribute("routing.http.preserve_host_header.enabled", "false", Truth),
    attribute("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Truth),
    attribute("routing.http.xff_client_port.enabled", "false", Truth),
    attribute(
        "routing.http.xff_header_processing.mode",
        "append",
        Word(&["append", "preserve", "remove"]),
    ),
    attribute("routing.http2.enabled", "true", Truth),
    attribute("waf.fail_open.enabled", "false", Only("there is no web application firewall")),
];

static OF_NETWORK: &[Attribute] = &[
    attribute(
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Only("a name has the same addresses for every client"),
    ),
    attribute("load_balancing.cross_zone.enabled", "false", Truth),
    attribute(
        "secondary_ips.auto_assigned.per_subnet",
        "0",
        Only("a balancer has the addresses of its host"),
    ),
];

pub fn of(kind: BalancerKind) -> Attributes {
    let (own, other) = match kind {
        BalancerKind::Application => (OF_APPLICATION, OF_NETWORK),
        BalancerKind::Network => (OF_NETWORK, OF_APPLICATION),
    };
    let mut known: Vec<&Attribute> = OF_BOTH.iter().chain(own).collect();
    known.sort_by_key(|attribute| attribute.key);
    Attributes {
        what: "Load balancer",
        which: format!("load balancers with type '{}'", kind.as_str()),
        known,
        elsewhere: other.iter().map(|attribute| attribute.key).collect(),
    }
}

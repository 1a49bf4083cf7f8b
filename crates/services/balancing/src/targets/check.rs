//! Whether what a request names can be a target of a group.

use std::net::IpAddr;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Snapshot;
use berth_control::tables::View;

use crate::find;
use crate::service::Balancing;
use crate::tables::{BalancerKind, TargetGroup, TargetType};

/// A target as a request describes it.
#[derive(Clone, Debug)]
pub struct Described {
    pub id: String,
    pub port: Option<u16>,
    pub zone: Option<String>,
}

impl Described {
    pub fn of(given: Vec<api::TargetDescription>) -> Result<Vec<Described>, api::Error> {
        if given.is_empty() {
            return Err(api::Error::validation("Targets must be specified"));
        }
        let described = |target: api::TargetDescription| {
            if target.quic_server_id.is_some() {
                return Err(api::Error::validation(
                    "QuicServerId is not supported: there is no QUIC",
                ));
            }
            let port = target.port.and_then(|port| u16::try_from(port).ok());
            Ok(Described {
                id: target.id.unwrap_or_default(),
                port,
                zone: target.availability_zone,
            })
        };
        given.into_iter().map(described).collect()
    }
}

/// AWS: `InvalidTarget`, with all that is wrong with the ids told at once; here the first.
pub fn check(
    balancing: &Balancing,
    view: &Snapshot,
    group: &TargetGroup,
    target: &Described,
) -> Result<(), api::Error> {
    let id = &target.id;
    let zone = target.zone.as_deref();
    match group.target_type {
        TargetType::Instance => {
            if zone.is_some() {
                return Err(api::Error::validation(
                    "AvailabilityZone cannot be specified for target groups with target type 'instance'",
                ));
            }
            let known = balancing.neighbours.hosts.find(view.sight(), &group.scope, id);
            known.map(drop).ok_or_else(|| {
                api::Error::invalid_target(format!(
                    "The following targets are not in a running state and cannot be registered: '{id}'"
                ))
            })
        }
        TargetType::Ip => {
            check_address(id, group.is_ipv6)?;
            let region = group.scope.region.as_str();
            match zone {
                Some(zone) if zone != "all" && !zone.starts_with(region) => {
                    Err(api::Error::validation(format!("Availability Zone '{zone}' is not valid")))
                }
                _ => Ok(()),
            }
        }
        TargetType::Alb => check_balancer(view, group, target),
    }
}

/// DEVIATES: targets may have any address that a host can be reached at, this machine's own included; AWS takes those of the
/// VPC and private ones.
fn check_address(id: &str, is_ipv6: bool) -> Result<(), api::Error> {
    let Ok(address) = id.parse::<IpAddr>() else {
        return Err(api::Error::validation(format!(
            "The IP address '{id}' is not a valid IP address"
        )));
    };
    let is_wrong = address.is_ipv6() != is_ipv6
        || address.is_unspecified()
        || address.is_multicast()
        || address == IpAddr::from([255, 255, 255, 255]);
    if is_wrong {
        let family = if is_ipv6 { "IPv6" } else { "IPv4" };
        return Err(api::Error::validation(format!(
            "The IP address '{id}' is not a valid {family} address of a target"
        )));
    }
    Ok(())
}

fn check_balancer(
    view: &Snapshot,
    group: &TargetGroup,
    target: &Described,
) -> Result<(), api::Error> {
    let id = &target.id;
    let port = target.port.unwrap_or(group.port);
    let balancer = find::load_balancer(view, &group.scope, id)
        .ok()
        .filter(|balancer| balancer.name.kind == BalancerKind::Application);
    let Some(balancer) = balancer else {
        return Err(api::Error::invalid_target(format!(
            "The target '{id}' must be an application load balancer"
        )));
    };
    if port != group.port {
        return Err(api::Error::validation(format!(
            "The port of an application load balancer must be that of the target group, '{}'",
            group.port
        )));
    }
    if !find::listeners_of(view, balancer.id()).any(|listener| listener.port == port) {
        return Err(api::Error::invalid_target(format!(
            "The application load balancer '{id}' has no listener on port '{port}'"
        )));
    }
    Ok(())
}

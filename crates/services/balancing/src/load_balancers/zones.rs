//! Where a load balancer is: subnets, each in a zone of its own, all of one VPC; and its security groups.

use std::collections::BTreeSet;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Snapshot;
use berth_control::ports::Networks;
use berth_model::Scope;

use crate::tables::{BalancerKind, Zone};

/// The VPC, and the zones by name.
pub struct Placed {
    pub vpc: String,
    pub zones: Vec<Zone>,
}

/// What a request says about subnets, either way.
pub fn subnets(
    subnets: Option<Vec<String>>,
    mappings: Option<Vec<api::SubnetMapping>>,
) -> Result<Vec<String>, api::Error> {
    let subnets = subnets.unwrap_or_default();
    let mappings = mappings.unwrap_or_default();
    if !subnets.is_empty() && !mappings.is_empty() {
        return Err(api::Error::validation(
            "You can specify only one of 'Subnets' and 'SubnetMappings'",
        ));
    }
    if !subnets.is_empty() {
        return Ok(subnets);
    }
    mappings.into_iter().map(mapped).collect()
}

/// A balancer has the addresses of whatever host carries it: nobody can choose them by subnet.
fn mapped(mapping: api::SubnetMapping) -> Result<String, api::Error> {
    let unsupported = |member: &str| {
        Err(api::Error::invalid_configuration_request(format!(
            "SubnetMappings.{member} is not supported: a load balancer has the addresses of the hosts that carry it"
        )))
    };
    if let Some(allocation) = &mapping.allocation_id {
        return Err(api::Error::allocation_id_not_found(format!(
            "The allocation ID '{allocation}' does not exist: there are no Elastic IP addresses"
        )));
    }
    if mapping.private_ipv4_address.is_some() {
        return unsupported("PrivateIPv4Address");
    }
    if mapping.ipv6_address.is_some() {
        return unsupported("IPv6Address");
    }
    if mapping.source_nat_ipv6_prefix.is_some_and(|prefix| prefix != "auto_assigned") {
        return unsupported("SourceNatIpv6Prefix");
    }
    Ok(mapping.subnet_id.unwrap_or_default())
}

pub fn place(
    networks: &dyn Networks,
    view: &Snapshot,
    scope: &Scope,
    kind: BalancerKind,
    subnets: &[String],
) -> Result<Placed, api::Error> {
    let mut zones: Vec<Zone> = Vec::new();
    let mut vpcs = BTreeSet::new();
    for id in subnets {
        let Some(subnet) = networks.subnet(view, scope, id) else {
            return Err(api::Error::subnet_not_found(format!(
                "The subnet ID '{id}' does not exist"
            )));
        };
        if zones.iter().any(|zone| zone.name == subnet.zone) {
            return Err(api::Error::invalid_configuration_request(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
        zones.push(Zone { name: subnet.zone, subnet: subnet.id });
        vpcs.insert(subnet.vpc);
    }
    if kind == BalancerKind::Application && zones.len() < 2 {
        return Err(api::Error::validation(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    let mut vpcs = vpcs.into_iter();
    let Some(vpc) = vpcs.next() else {
        return Err(api::Error::validation("At least one subnet must be specified"));
    };
    if vpcs.next().is_some() {
        return Err(api::Error::invalid_subnet("All subnets must belong to the same VPC"));
    }
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Placed { vpc, zones })
}

/// The security groups that a request names, of this VPC.
pub fn check_security_groups(
    networks: &dyn Networks,
    view: &Snapshot,
    scope: &Scope,
    vpc: &str,
    groups: &[String],
) -> Result<(), api::Error> {
    for id in groups {
        match networks.security_group(view, scope, id) {
            None => {
                return Err(api::Error::invalid_security_group(format!(
                    "Security group '{id}' does not exist"
                )));
            }
            Some(of) if of != vpc => {
                return Err(api::Error::invalid_configuration_request(
                    "One or more security groups are invalid",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// AWS: an application load balancer that names none has the VPC's own; a network load balancer has none then.
pub fn security_groups(
    networks: &dyn Networks,
    view: &Snapshot,
    scope: &Scope,
    (kind, vpc): (BalancerKind, &str),
    given: Option<Vec<String>>,
) -> Result<Vec<String>, api::Error> {
    let given = given.unwrap_or_default();
    if given.is_empty() && kind == BalancerKind::Application {
        let found = networks.vpc(view, scope, vpc);
        return Ok(found.map(|vpc| vpc.default_security_group).into_iter().collect());
    }
    check_security_groups(networks, view, scope, vpc, &given)?;
    Ok(given)
}

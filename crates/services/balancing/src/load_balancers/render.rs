//! A load balancer as ELB shows it.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;

use super::dns;
use super::state::state;
use crate::find;
use crate::service::Balancing;
use crate::tables::{BalancerKind, LoadBalancer, Zone};

pub fn load_balancer(
    balancing: &Balancing,
    view: &impl View,
    balancer: &LoadBalancer,
) -> api::LoadBalancer {
    let is_network = balancer.name.kind == BalancerKind::Network;
    let scheme = if balancer.is_internal {
        api::LoadBalancerSchemeEnum::Internal
    } else {
        api::LoadBalancerSchemeEnum::InternetFacing
    };
    let prefix = if balancer.prefix_for_ipv6_source_nat {
        api::EnablePrefixForIpv6SourceNatEnum::On
    } else {
        api::EnablePrefixForIpv6SourceNatEnum::Off
    };
    let security_groups = balancer.security_groups.clone();
    api::LoadBalancer {
        load_balancer_arn: Some(balancer.name.arn()),
        dns_name: Some(dns::name(balancer)),
        canonical_hosted_zone_id: Some(dns::hosted_zone(balancer.name.kind).to_owned()),
        created_time: Some(balancer.created_at),
        load_balancer_name: Some(balancer.name.name.clone()),
        scheme: Some(scheme),
        vpc_id: Some(balancer.vpc.clone()),
        state: Some(state(balancing, view, balancer)),
        r#type: Some(balancer.name.kind.into()),
        availability_zones: Some(zones(&balancer.zones)),
        security_groups: Some(security_groups).filter(|groups| !groups.is_empty() || !is_network),
        ip_address_type: Some(balancer.ip_address_type.into()),
        customer_owned_ipv4_pool: None,
        enforce_security_group_inbound_rules_on_private_link_traffic: balancer
            .enforce_on_private_link
            .clone(),
        enable_prefix_for_ipv6_source_nat: is_network.then_some(prefix),
        ipam_pools: balancer
            .ipam_pool
            .clone()
            .map(|pool| api::IpamPools { ipv4_ipam_pool_id: Some(pool) }),
    }
}

pub fn zones(zones: &[Zone]) -> Vec<api::AvailabilityZone> {
    let zone = |zone: &Zone| api::AvailabilityZone {
        zone_name: Some(zone.name.clone()),
        subnet_id: Some(zone.subnet.clone()),
        outpost_id: None,
        load_balancer_addresses: Some(Vec::new()),
        source_nat_ipv6_prefixes: None,
    };
    zones.iter().map(zone).collect()
}

/// The ARNs of the balancers that send requests to a group.
pub fn arns_of(view: &impl View, group: crate::tables::ElbId) -> Vec<String> {
    find::balancers_of(view, group).iter().map(|balancer| balancer.name.arn()).collect()
}

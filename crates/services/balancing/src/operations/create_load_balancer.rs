//! CreateLoadBalancer: a name, and where it is. It is there at once.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::load_balancers::{names, render, zones};
use crate::service::Balancing;
use crate::tables::{BalancerKind, BalancerRef, ElbId, IpAddressType, LoadBalancer};
use crate::tagging;

pub async fn create_load_balancer(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::CreateLoadBalancerInput,
) -> Result<api::CreateLoadBalancerOutput, Failure<api::Error>> {
    let new = wanted(&balancing, &call, input)?;
    let limits = balancing.limits;
    let create = move |tx: &mut Transaction| create(tx, new, &limits);
    let balancer = balancing.cell.write(create).await?;
    let shown = render::load_balancer(&balancing, &balancing.cell.snapshot(), &balancer);
    Ok(api::CreateLoadBalancerOutput { load_balancers: Some(vec![shown]) })
}

fn wanted(
    balancing: &Balancing,
    call: &Call,
    input: api::CreateLoadBalancerInput,
) -> Result<LoadBalancer, api::Error> {
    let kind = match &input.r#type {
        None => BalancerKind::Application,
        Some(kind) => BalancerKind::try_from(kind).map_err(|()| {
            api::Error::invalid_configuration_request(format!(
                "Load balancers with type '{kind}' are not supported"
            ))
        })?,
    };
    let name = input.name.unwrap_or_default();
    names::check("load balancer", &name)?;
    if input.customer_owned_ipv4_pool.is_some() {
        return Err(api::Error::invalid_configuration_request(
            "CustomerOwnedIpv4Pool is not supported: there are no Outposts",
        ));
    }
    let of_network = kind == BalancerKind::Network;
    if input.enable_prefix_for_ipv6_source_nat.is_some() && !of_network {
        return Err(api::Error::validation(
            "EnablePrefixForIpv6SourceNat is not supported for application load balancers",
        ));
    }
    if input.ipam_pools.is_some() && of_network {
        return Err(api::Error::validation(
            "IpamPools is not supported for network load balancers",
        ));
    }
    let (scope, networks) = (&call.scope, &*balancing.neighbours.networks);
    let view = call.view(&balancing.cell);
    let subnets = zones::subnets(input.subnets, input.subnet_mappings)?;
    let placed = zones::place(networks, view, scope, kind, &subnets)?;
    let vpc = placed.vpc;
    let security_groups =
        zones::security_groups(networks, view, scope, (kind, &vpc), input.security_groups)?;
    let ip_address_type = match &input.ip_address_type {
        None => IpAddressType::Ipv4,
        Some(of) => IpAddressType::try_from(of).map_err(|()| {
            api::Error::validation(format!("IP address type '{of}' is not supported"))
        })?,
    };
    Ok(LoadBalancer {
        name: BalancerRef { scope: scope.clone(), kind, name, id: ElbId::new(&balancing.env) },
        created_at: call.now,
        is_internal: input.scheme == Some(api::LoadBalancerSchemeEnum::Internal),
        ip_address_type,
        vpc,
        zones: placed.zones,
        security_groups,
        tags: tagging::add(&Tags::new(), input.tags)?,
        attributes: Default::default(),
        place: 0,
        capacity: None,
        ipam_pool: input.ipam_pools.and_then(|pools| pools.ipv4_ipam_pool_id),
        enforce_on_private_link: None,
        prefix_for_ipv6_source_nat: input.enable_prefix_for_ipv6_source_nat
            == Some(api::EnablePrefixForIpv6SourceNatEnum::On),
        carried_at: None,
    })
}

/// The balancer that was made, by this request or by its first sending.
fn create(
    tx: &mut Transaction,
    mut new: LoadBalancer,
    limits: &crate::Limits,
) -> Result<LoadBalancer, api::Error> {
    let table = tx.table::<LoadBalancer>();
    let (scope, kind, name) = (&new.name.scope, new.name.kind, &new.name.name);
    if let Some(existing) = table.indexes().names.find(scope, name).and_then(|id| table.get(&id)) {
        if is_same(existing, &new) {
            return Ok(existing.clone());
        }
        return Err(api::Error::duplicate_load_balancer_name(format!(
            "A load balancer with the same name '{name}' exists, but with different settings"
        )));
    }
    let most = match kind {
        BalancerKind::Application => limits.application_load_balancers,
        BalancerKind::Network => limits.network_load_balancers,
    };
    let of_kind = |id: &ElbId| table.get(id).is_some_and(|row| row.name.kind == kind);
    if table.indexes().names.within(scope).filter(of_kind).count() >= most {
        return Err(api::Error::too_many_load_balancers(format!(
            "The maximum number of {} load balancers, '{most}', has been reached",
            kind.as_str()
        )));
    }
    let by_place = &table.indexes().by_place;
    let free = (1..u16::MAX).find(|place| !by_place.contains(place));
    new.place = free.ok_or_else(|| {
        api::Error::too_many_load_balancers("There is no loopback address left for a load balancer")
    })?;
    tx.put(new.clone());
    Ok(new)
}

fn is_same(existing: &LoadBalancer, new: &LoadBalancer) -> bool {
    existing.name.kind == new.name.kind
        && existing.is_internal == new.is_internal
        && existing.ip_address_type == new.ip_address_type
        && existing.zones == new.zones
        && existing.security_groups == new.security_groups
        && existing.tags == new.tags
}

//! SetSubnets: in place of those that there were.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::load_balancers::{render, zones};
use crate::service::Balancing;
use crate::tables::{BalancerKind, IpAddressType};

pub async fn set_subnets(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::SetSubnetsInput,
) -> Result<api::SetSubnetsOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let view = call.view(&balancing.cell).clone();
    let balancer = find::load_balancer(&view, &call.scope, &arn)?;
    let kind = balancer.name.kind;
    let subnets = zones::subnets(input.subnets, input.subnet_mappings)?;
    let networks = &*balancing.neighbours.networks;
    let placed = zones::place(networks, &view, &call.scope, kind, &subnets)?;
    if placed.vpc != balancer.vpc {
        return Err(api::Error::invalid_subnet(
            "The subnets must belong to the VPC of the load balancer",
        )
        .into());
    }
    let prefix = input.enable_prefix_for_ipv6_source_nat;
    if prefix.is_some() && kind == BalancerKind::Application {
        return Err(api::Error::validation(
            "EnablePrefixForIpv6SourceNat is not supported for application load balancers",
        )
        .into());
    }
    let of = input.ip_address_type.as_ref().map(|of| {
        IpAddressType::try_from(of).map_err(|()| {
            api::Error::validation(format!("IP address type '{of}' is not supported"))
        })
    });
    let of = of.transpose()?;
    let set = move |tx: &mut Transaction| {
        let mut balancer = find::load_balancer(tx, &call.scope, &arn)?.clone();
        balancer.zones = placed.zones;
        balancer.ip_address_type = of.unwrap_or(balancer.ip_address_type);
        if let Some(prefix) = prefix {
            balancer.prefix_for_ipv6_source_nat =
                prefix == api::EnablePrefixForIpv6SourceNatEnum::On;
        }
        tx.put(balancer.clone());
        Ok::<_, api::Error>(balancer)
    };
    let balancer = balancing.cell.write(set).await?;
    let shown = render::load_balancer(&balancing, &view, &balancer);
    Ok(api::SetSubnetsOutput {
        availability_zones: shown.availability_zones,
        ip_address_type: shown.ip_address_type,
        enable_prefix_for_ipv6_source_nat: shown.enable_prefix_for_ipv6_source_nat,
    })
}

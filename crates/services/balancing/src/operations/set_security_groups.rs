//! SetSecurityGroups: in place of those that there were.
//!
//! DEVIATES: security groups of load balancers are kept and shown, and keep nobody out: a proxy listens to whoever its host
//! lets in.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::load_balancers::zones;
use crate::service::Balancing;
use crate::tables::BalancerKind;

pub async fn set_security_groups(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::SetSecurityGroupsInput,
) -> Result<api::SetSecurityGroupsOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let groups = input.security_groups.unwrap_or_default();
    let enforce = input.enforce_security_group_inbound_rules_on_private_link_traffic;
    let view = call.view(&balancing.cell).clone();
    let balancer = find::load_balancer(&view, &call.scope, &arn)?;
    let is_network = balancer.name.kind == BalancerKind::Network;
    if is_network && balancer.security_groups.is_empty() && !groups.is_empty() {
        // AWS: one that was made without any never has any.
        return Err(api::Error::invalid_configuration_request(
            "You cannot add security groups to a network load balancer that was created without them",
        )
        .into());
    }
    if groups.is_empty() {
        return Err(api::Error::invalid_configuration_request(
            "At least one security group must be specified",
        )
        .into());
    }
    if enforce.is_some() && !is_network {
        return Err(api::Error::validation(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic is not supported for application load balancers",
        )
        .into());
    }
    let networks = &*balancing.neighbours.networks;
    zones::check_security_groups(networks, &view, &call.scope, &balancer.vpc, &groups)?;
    let (kept, said) = (groups.clone(), enforce.as_ref().map(|word| word.as_str().to_owned()));
    let set = move |tx: &mut Transaction| {
        let mut balancer = find::load_balancer(tx, &call.scope, &arn)?.clone();
        balancer.security_groups = kept;
        balancer.enforce_on_private_link = said.or(balancer.enforce_on_private_link);
        let said = balancer.enforce_on_private_link.clone();
        tx.put(balancer);
        Ok::<_, api::Error>(said)
    };
    let said = balancing.cell.write(set).await?;
    Ok(api::SetSecurityGroupsOutput {
        security_group_ids: Some(groups),
        enforce_security_group_inbound_rules_on_private_link_traffic: said
            .map(|word| word.as_str().into()),
    })
}

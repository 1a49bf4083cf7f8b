//! SetIpAddressType.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::{BalancerKind, IpAddressType};

pub async fn set_ip_address_type(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::SetIpAddressTypeInput,
) -> Result<api::SetIpAddressTypeOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let given = input.ip_address_type.unwrap_or_default();
    let wanted = IpAddressType::try_from(&given).map_err(|()| {
        api::Error::validation(format!("IP address type '{given}' is not supported"))
    })?;
    let set = move |tx: &mut Transaction| {
        let mut balancer = find::load_balancer(tx, &call.scope, &arn)?.clone();
        if wanted == IpAddressType::DualstackWithoutPublicIpv4
            && balancer.name.kind == BalancerKind::Network
        {
            return Err(api::Error::invalid_configuration_request(
                "IP address type 'dualstack-without-public-ipv4' is not supported on load balancers with type 'network'",
            ));
        }
        balancer.ip_address_type = wanted;
        tx.put(balancer);
        Ok(())
    };
    balancing.cell.write(set).await?;
    Ok(api::SetIpAddressTypeOutput { ip_address_type: Some(wanted.into()) })
}

//! ModifyIpPools: kept and shown. There are no pools of addresses that anything is taken from.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::BalancerKind;

pub async fn modify_ip_pools(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyIpPoolsInput,
) -> Result<api::ModifyIpPoolsOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let pool = input.ipam_pools.and_then(|pools| pools.ipv4_ipam_pool_id);
    let removes = input.remove_ipam_pools.is_some_and(|removed| !removed.is_empty());
    if pool.is_some() && removes {
        return Err(api::Error::validation(
            "An IPAM pool cannot be set and removed at the same time",
        )
        .into());
    }
    let modify = move |tx: &mut Transaction| {
        let mut balancer = find::load_balancer(tx, &call.scope, &arn)?.clone();
        if balancer.name.kind == BalancerKind::Network {
            return Err(api::Error::validation(
                "IpamPools is not supported for network load balancers",
            ));
        }
        if pool.is_some() || removes {
            balancer.ipam_pool = pool;
        }
        let pool = balancer.ipam_pool.clone();
        tx.put(balancer);
        Ok(pool)
    };
    let pool = balancing.cell.write(modify).await?;
    let ipam_pools = pool.map(|pool| api::IpamPools { ipv4_ipam_pool_id: Some(pool) });
    Ok(api::ModifyIpPoolsOutput { ipam_pools })
}

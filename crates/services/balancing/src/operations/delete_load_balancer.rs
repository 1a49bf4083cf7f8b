//! DeleteLoadBalancer: with its listeners and their rules. Target groups stay.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::listeners;
use crate::service::Balancing;
use crate::tables::{AuthenticationKeys, LoadBalancer, Target, TargetKey};
use crate::{attributes, find};

pub async fn delete_load_balancer(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteLoadBalancerInput,
) -> Result<api::DeleteLoadBalancerOutput, Failure<api::Error>> {
    let arn = input.load_balancer_arn.unwrap_or_default();
    let delete = move |tx: &mut Transaction| {
        let balancer = match find::load_balancer(tx, &call.scope, &arn) {
            Ok(balancer) => balancer.clone(),
            // AWS: one that is gone has been deleted.
            Err(api::Error::LoadBalancerNotFoundException(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        check_deletable(tx, &balancer)?;
        let listeners: Vec<_> =
            find::listeners_of(tx, balancer.id()).map(|listener| listener.id).collect();
        for listener in listeners {
            listeners::delete(tx, listener);
        }
        tx.delete::<AuthenticationKeys>(&balancer.id());
        tx.delete::<LoadBalancer>(&balancer.id());
        Ok(())
    };
    balancing.cell.write(delete).await?;
    Ok(api::DeleteLoadBalancerOutput::default())
}

fn check_deletable(tx: &Transaction, balancer: &LoadBalancer) -> Result<(), api::Error> {
    let arn = balancer.name.arn();
    let known = attributes::load_balancer::of(balancer.name.kind);
    if known.truth(&balancer.attributes, "deletion_protection.enabled") {
        return Err(api::Error::operation_not_permitted(format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )));
    }
    let as_target: Option<&TargetKey> = tx.table::<Target>().indexes().by_id.first(&arn);
    if as_target.is_some() {
        return Err(api::Error::resource_in_use(format!(
            "Load balancer '{arn}' cannot be deleted because it is registered with a target group"
        )));
    }
    Ok(())
}

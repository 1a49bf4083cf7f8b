//! DeregisterManagedInstance: a host's credentials stop at once, and it gets no more.
//!
//! DEVIATES: hosts of EC2 type, whose ids begin with `i-`, are deregistered by it as well; on AWS they end with
//! their instance. The container instance stays until DeregisterContainerInstance, as on AWS.

use std::sync::Arc;

use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};

use crate::service::Hosts;
use crate::tables::{Host, HostCredential};

pub async fn deregister_managed_instance(
    hosts: Arc<Hosts>,
    call: Call,
    input: api::DeregisterManagedInstanceRequest,
) -> Result<api::DeregisterManagedInstanceResult, Failure<api::Error>> {
    let id = input.instance_id.unwrap_or_default();
    let gone = id.clone();
    hosts
        .cell
        .write(move |tx| {
            if tx.get::<Host>(&gone).is_none_or(|host| host.scope != call.scope) {
                let message = format!("There is no managed instance `{gone}`.");
                return Err(api::Error::invalid_instance_id(message));
            }
            tx.delete::<Host>(&gone);
            tx.delete::<HostCredential>(&gone);
            Ok(())
        })
        .await?;
    hosts.revocations.revoke(&id);
    tracing::info!(host = id, "a host was deregistered");
    Ok(api::DeregisterManagedInstanceResult {})
}

//! DeregisterTargets: they get nothing new, and have time to end what they have.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::{Target, TargetKey};
use crate::targets::{self, Described};

pub async fn deregister_targets(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeregisterTargetsInput,
) -> Result<api::DeregisterTargetsOutput, Failure<api::Error>> {
    let arn = input.target_group_arn.unwrap_or_default();
    let described = Described::of(input.targets.unwrap_or_default())?;
    let deregister = move |tx: &mut Transaction| {
        let group = find::target_group(tx, &call.scope, &arn)?.id;
        for target in described {
            // AWS: without a port, every one that has the id.
            let is_meant = |row: &&Target| {
                row.id == target.id && target.port.is_none_or(|port| row.port == port)
            };
            let meant = tx.table::<Target>().within(&group).filter(is_meant);
            let keys: Vec<TargetKey> =
                meant.map(|row| (row.group, (row.id.clone(), row.port))).collect();
            for key in keys {
                targets::deregister(tx, &key, call.now);
            }
        }
        Ok::<_, api::Error>(())
    };
    balancing.cell.write(deregister).await?;
    Ok(api::DeregisterTargetsOutput::default())
}

//! DeleteTargetGroup: with its targets, unless requests are sent to it.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::service::Balancing;
use crate::tables::{Listener, Rule, Target, TargetGroup};
use crate::{find, targets};

pub async fn delete_target_group(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DeleteTargetGroupInput,
) -> Result<api::DeleteTargetGroupOutput, Failure<api::Error>> {
    let arn = input.target_group_arn.unwrap_or_default();
    let delete = move |tx: &mut Transaction| {
        let id = match find::target_group(tx, &call.scope, &arn) {
            Ok(group) => group.id,
            // AWS: one that is gone has been deleted.
            Err(api::Error::TargetGroupNotFoundException(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let of_listeners = &tx.table::<Listener>().indexes().by_group;
        if of_listeners.contains(&id) || tx.table::<Rule>().indexes().by_group.contains(&id) {
            return Err(api::Error::resource_in_use(format!(
                "Target group '{arn}' is currently in use by a listener or a rule"
            )));
        }
        let gone: Vec<_> = tx.table::<Target>().within(&id).cloned().collect();
        for target in &gone {
            targets::forget(tx, target);
        }
        tx.delete::<TargetGroup>(&id);
        Ok(())
    };
    balancing.cell.write(delete).await?;
    Ok(api::DeleteTargetGroupOutput::default())
}

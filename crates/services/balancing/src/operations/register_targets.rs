//! RegisterTargets: all that are named, or none.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::Target;
use crate::targets::{self, Described};

pub async fn register_targets(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::RegisterTargetsInput,
) -> Result<api::RegisterTargetsOutput, Failure<api::Error>> {
    let arn = input.target_group_arn.unwrap_or_default();
    let described = Described::of(input.targets.unwrap_or_default())?;
    let view = call.view(&balancing.cell).clone();
    let group = find::target_group(&view, &call.scope, &arn)?;
    for target in &described {
        targets::check(&balancing, &view, group, target)?;
    }
    let most = balancing.limits.targets_per_group;
    let register = move |tx: &mut Transaction| {
        let group = find::target_group(tx, &call.scope, &arn)?.clone();
        for target in described {
            targets::register(
                tx,
                Target {
                    group: group.id,
                    id: target.id,
                    port: target.port.unwrap_or(group.port),
                    zone: target.zone,
                    registered_at: call.now,
                    ends_at: None,
                },
            );
        }
        if tx.table::<Target>().within(&group.id).count() > most {
            return Err(api::Error::too_many_targets(format!(
                "The maximum number of targets per target group, '{most}', has been reached"
            )));
        }
        Ok(())
    };
    balancing.cell.write(register).await?;
    Ok(api::RegisterTargetsOutput::default())
}

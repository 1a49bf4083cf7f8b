//! ModifyTargetGroup: how health is checked from now on.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::target_groups::health_check::{self, Asked, Of};
use crate::target_groups::render;

pub async fn modify_target_group(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::ModifyTargetGroupInput,
) -> Result<api::ModifyTargetGroupOutput, Failure<api::Error>> {
    let arn = input.target_group_arn.unwrap_or_default();
    let asked = Asked {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol,
        port: input.health_check_port,
        path: input.health_check_path,
        interval: input.health_check_interval_seconds,
        timeout: input.health_check_timeout_seconds,
        healthy: input.healthy_threshold_count,
        unhealthy: input.unhealthy_threshold_count,
        matcher: input.matcher,
    };
    let modify = move |tx: &mut Transaction| {
        let mut group = find::target_group(tx, &call.scope, &arn)?.clone();
        let (protocol, version, target_type) = (group.protocol, group.version, group.target_type);
        let of = Of { protocol, version, target_type };
        group.check = health_check::changed(of, &group.check, asked)?;
        let shown = render::target_group(tx, &group);
        tx.put(group);
        Ok::<_, api::Error>(shown)
    };
    let shown = balancing.cell.write(modify).await?;
    Ok(api::ModifyTargetGroupOutput { target_groups: Some(vec![shown]) })
}

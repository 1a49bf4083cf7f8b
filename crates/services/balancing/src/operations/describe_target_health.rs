//! DescribeTargetHealth: of all targets of a group, or of those that are named, registered or not.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Snapshot;
use berth_control::pipeline::{Call, Failure};

use crate::find;
use crate::service::Balancing;
use crate::tables::{Target, TargetGroup, TargetType};
use crate::targets::{self, Described};

pub async fn describe_target_health(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::DescribeTargetHealthInput,
) -> Result<api::DescribeTargetHealthOutput, Failure<api::Error>> {
    if input.include.is_some_and(|wanted| !wanted.is_empty()) {
        return Err(api::Error::validation(
            "Include is not supported: what a proxy finds anomalous it tells nobody",
        )
        .into());
    }
    let view = balancing.cell.snapshot();
    let arn = input.target_group_arn.unwrap_or_default();
    let group = find::target_group(&view, &call.scope, &arn)?;
    let describe = |id: &str, port: u16, target: Option<&Target>| {
        described(&balancing, &view, group, (id, port), target)
    };
    let rows = view.table::<Target>();
    let descriptions = match input.targets.filter(|named| !named.is_empty()) {
        None => rows.within(&group.id).map(|row| describe(&row.id, row.port, Some(row))).collect(),
        Some(named) => {
            let mut found = Vec::new();
            for target in Described::of(named)? {
                let is_meant = |row: &&Target| {
                    row.id == target.id && target.port.is_none_or(|port| row.port == port)
                };
                let before = found.len();
                let meant = rows.within(&group.id).filter(is_meant);
                found.extend(meant.map(|row| describe(&row.id, row.port, Some(row))));
                if found.len() == before {
                    found.push(describe(&target.id, target.port.unwrap_or(group.port), None));
                }
            }
            found
        }
    };
    Ok(api::DescribeTargetHealthOutput { target_health_descriptions: Some(descriptions) })
}

fn described(
    balancing: &Balancing,
    view: &Snapshot,
    group: &TargetGroup,
    (id, port): (&str, u16),
    target: Option<&Target>,
) -> api::TargetHealthDescription {
    let zone = target.and_then(|target| balancing.zone_of(view, group, target));
    let standing = targets::standing(view, group, target, zone.as_deref());
    let check_port = target.map(|_| group.check.port.unwrap_or(port).to_string());
    let shown_zone = zone.filter(|_| group.target_type == TargetType::Ip);
    api::TargetHealthDescription {
        target: Some(api::TargetDescription {
            id: Some(id.to_owned()),
            port: Some(i32::from(port)),
            availability_zone: shown_zone,
            quic_server_id: None,
        }),
        health_check_port: check_port,
        target_health: Some(api::TargetHealth {
            state: Some(standing.state),
            reason: standing.reason,
            description: standing.description,
        }),
        anomaly_detection: None,
        administrative_override: target.map(|_| api::AdministrativeOverride {
            state: Some(api::TargetAdministrativeOverrideStateEnum::NoOverride),
            reason: Some(
                api::TargetAdministrativeOverrideReasonEnum::AdministrativeOverrideNoOverride,
            ),
            description: Some("No override is currently active on target".to_owned()),
        }),
    }
}

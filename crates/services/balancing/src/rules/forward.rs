//! Actions that send requests to target groups, by weight.

use std::collections::BTreeSet;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;

use super::actions::{Owner, without_config};
use crate::find;
use crate::service::Balancing;
use crate::tables::{LoadBalancer, Protocol, ProtocolVersion, TargetGroup};

const LONGEST_STICKINESS: i32 = 604_800;

/// AWS: shown in both of its forms, if there is one group.
pub fn accept(
    tx: &Transaction,
    balancing: &Balancing,
    owner: &Owner<'_>,
    action: api::Action,
) -> Result<api::Action, api::Error> {
    let (alone, config) = (action.target_group_arn, action.forward_config);
    let stickiness = config.as_ref().and_then(|it| it.target_group_stickiness_config.clone());
    let groups = groups(alone, config)?;
    let most = balancing.limits.groups_per_action;
    if groups.len() > most {
        return Err(api::Error::too_many_target_groups(format!(
            "The maximum number of target groups per action, '{most}', has been exceeded"
        )));
    }
    let mut seen = BTreeSet::new();
    for tuple in &groups {
        let arn = tuple.target_group_arn.as_deref().unwrap_or_default();
        if !seen.insert(arn) {
            return Err(api::Error::validation(format!(
                "Target group '{arn}' is specified more than once"
            )));
        }
        let weight = tuple.weight.unwrap_or(1);
        if !(0..=999).contains(&weight) {
            return Err(api::Error::validation(format!(
                "Target group weight '{weight}' must be between '0' and '999' inclusive"
            )));
        }
        fits(tx, owner, find::target_group(tx, &owner.balancer.scope, arn)?)?;
    }
    let only = match groups.as_slice() {
        [only] => only.target_group_arn.clone(),
        _ => None,
    };
    let stickiness = sticky(stickiness)?;
    Ok(api::Action {
        r#type: Some(api::ActionTypeEnum::Forward),
        order: action.order,
        target_group_arn: only,
        forward_config: Some(api::ForwardActionConfig {
            target_groups: Some(groups),
            target_group_stickiness_config: owner.protocol.is_http().then_some(stickiness),
        }),
        ..Default::default()
    })
}

fn groups(
    alone: Option<String>,
    config: Option<api::ForwardActionConfig>,
) -> Result<Vec<api::TargetGroupTuple>, api::Error> {
    let listed = config.and_then(|config| config.target_groups).filter(|list| !list.is_empty());
    let mut groups = match (alone, listed) {
        (None, None) => return Err(without_config("forward")),
        (Some(arn), None) => {
            vec![api::TargetGroupTuple { target_group_arn: Some(arn), weight: None }]
        }
        (None, Some(list)) => list,
        (Some(arn), Some(list)) => match list.as_slice() {
            [only] if only.target_group_arn.as_ref() == Some(&arn) => list,
            _ => {
                return Err(api::Error::validation(
                    "You cannot specify both a target group ARN and a list of other target groups in a forward action",
                ));
            }
        },
    };
    for tuple in &mut groups {
        tuple.weight.get_or_insert(1);
    }
    Ok(groups)
}

fn sticky(
    given: Option<api::TargetGroupStickinessConfig>,
) -> Result<api::TargetGroupStickinessConfig, api::Error> {
    let Some(given) = given else {
        return Ok(api::TargetGroupStickinessConfig {
            enabled: Some(false),
            duration_seconds: None,
        });
    };
    let enabled = given.enabled.unwrap_or(false);
    let is_within = |seconds: i32| (1..=LONGEST_STICKINESS).contains(&seconds);
    match given.duration_seconds {
        None if enabled => Err(api::Error::validation(
            "Target group stickiness duration must be specified if stickiness is enabled",
        )),
        Some(seconds) if !is_within(seconds) => Err(api::Error::validation(format!(
            "Target group stickiness duration '{seconds}' must be between '1' and '{LONGEST_STICKINESS}' seconds inclusive"
        ))),
        seconds => Ok(api::TargetGroupStickinessConfig {
            enabled: Some(enabled),
            duration_seconds: seconds,
        }),
    }
}

/// Whether a listener can send its requests to a group.
fn fits(tx: &Transaction, owner: &Owner<'_>, group: &TargetGroup) -> Result<(), api::Error> {
    let (arn, listener) = (group.arn(), owner.protocol.as_str());
    if !carries(owner.protocol, group.protocol) {
        return Err(api::Error::incompatible_protocols(format!(
            "The target group '{arn}' with protocol '{}' is not compatible with a listener with protocol '{listener}'",
            group.protocol.as_str()
        )));
    }
    if owner.protocol == Protocol::Http
        && let Some(version @ (ProtocolVersion::Grpc | ProtocolVersion::Http2)) = group.version
    {
        return Err(api::Error::invalid_configuration_request(format!(
            "Listener protocol 'HTTP' is not supported with a target group with the protocol-version setting '{}'",
            version.as_str()
        )));
    }
    let balancer = tx.get::<LoadBalancer>(&owner.balancer.id);
    if balancer.is_some_and(|balancer| balancer.vpc != group.vpc) {
        return Err(api::Error::invalid_configuration_request(format!(
            "The following target groups are not in the same VPC as the load balancer: {arn}"
        )));
    }
    // AWS: a group belongs to one balancer.
    if find::balancers_of(tx, group.id).iter().any(|other| other.id() != owner.balancer.id) {
        return Err(api::Error::target_group_association_limit(format!(
            "The following target groups cannot be associated with more than one load balancer: {arn}"
        )));
    }
    Ok(())
}

/// AWS: a TLS listener may end TLS; whatever has both TCP and UDP needs a group that has both.
fn carries(listener: Protocol, group: Protocol) -> bool {
    match listener {
        Protocol::Http | Protocol::Https => group.is_http(),
        Protocol::Tcp => matches!(group, Protocol::Tcp | Protocol::TcpUdp),
        Protocol::Tls => matches!(group, Protocol::Tcp | Protocol::Tls),
        Protocol::Udp => matches!(group, Protocol::Udp | Protocol::TcpUdp),
        Protocol::TcpUdp => group == Protocol::TcpUdp,
    }
}

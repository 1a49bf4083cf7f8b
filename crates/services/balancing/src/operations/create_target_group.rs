//! CreateTargetGroup: what is spoken with targets, and how their health is checked.

use std::sync::Arc;

use berth_aws_api::elbv2 as api;
use berth_control::cell::Transaction;
use berth_control::pipeline::{Call, Failure};
use berth_model::Tags;

use crate::load_balancers::names;
use crate::service::Balancing;
use crate::tables::{ElbId, Protocol, ProtocolVersion, TargetGroup, TargetType};
use crate::target_groups::health_check::{self, Asked, Of};
use crate::target_groups::render;
use crate::{Limits, tagging};

pub async fn create_target_group(
    balancing: Arc<Balancing>,
    call: Call,
    input: api::CreateTargetGroupInput,
) -> Result<api::CreateTargetGroupOutput, Failure<api::Error>> {
    let new = wanted(&balancing, &call, input)?;
    let limits = balancing.limits;
    let create = move |tx: &mut Transaction| create(tx, new, &limits);
    let group = balancing.cell.write(create).await?;
    let shown = render::target_group(&balancing.cell.snapshot(), &group);
    Ok(api::CreateTargetGroupOutput { target_groups: Some(vec![shown]) })
}

fn wanted(
    balancing: &Balancing,
    call: &Call,
    input: api::CreateTargetGroupInput,
) -> Result<TargetGroup, api::Error> {
    let name = input.name.unwrap_or_default();
    names::check("target group", &name)?;
    let target_type = match &input.target_type {
        None => TargetType::Instance,
        Some(of) => TargetType::try_from(of).map_err(|()| {
            api::Error::invalid_configuration_request(format!(
                "Target groups with target type '{of}' are not supported"
            ))
        })?,
    };
    if input.target_control_port.is_some() {
        return Err(api::Error::invalid_configuration_request(
            "TargetControlPort is not supported: targets are not asked how much they can take",
        ));
    }
    let protocol = protocol(input.protocol.as_ref(), target_type)?;
    let version = version(input.protocol_version.as_deref(), protocol)?;
    let port = input.port.and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| api::Error::validation("A port must be specified"))?;
    let vpc = input.vpc_id.ok_or_else(|| api::Error::validation("A VPC ID must be specified"))?;
    let view = call.view(&balancing.cell);
    if balancing.neighbours.networks.vpc(view, &call.scope, &vpc).is_none() {
        return Err(api::Error::validation(format!("The VPC ID '{vpc}' is not found")));
    }
    let is_ipv6 = input.ip_address_type == Some(api::TargetGroupIpAddressTypeEnum::Ipv6);
    if input.ip_address_type.is_some() && target_type == TargetType::Alb {
        return Err(api::Error::validation(
            "IpAddressType is not supported for target groups with target type 'alb'",
        ));
    }
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
    Ok(TargetGroup {
        scope: call.scope.clone(),
        id: ElbId::new(&balancing.env),
        name,
        created_at: call.now,
        protocol,
        version,
        port,
        vpc,
        target_type,
        is_ipv6,
        check: health_check::of_new(Of { protocol, version, target_type }, asked)?,
        tags: tagging::add(&Tags::new(), input.tags)?,
        attributes: Default::default(),
    })
}

fn protocol(
    given: Option<&api::ProtocolEnum>,
    target_type: TargetType,
) -> Result<Protocol, api::Error> {
    let given = given.ok_or_else(|| api::Error::validation("A protocol must be specified"))?;
    let protocol = Protocol::try_from(given).map_err(|()| {
        api::Error::invalid_configuration_request(format!(
            "Target groups with protocol '{given}' are not supported"
        ))
    })?;
    if target_type == TargetType::Alb && protocol != Protocol::Tcp {
        return Err(api::Error::validation(format!(
            "Protocol '{given}' is not supported with target type 'alb': it must be 'TCP'"
        )));
    }
    Ok(protocol)
}

fn version(given: Option<&str>, protocol: Protocol) -> Result<Option<ProtocolVersion>, api::Error> {
    // Clients that know it for every protocol leave it empty.
    match given.filter(|given| !given.is_empty()) {
        None => Ok(protocol.is_http().then_some(ProtocolVersion::Http1)),
        Some(_) if !protocol.is_http() => Err(api::Error::validation(format!(
            "Protocol version cannot be specified with protocol '{}'",
            protocol.as_str()
        ))),
        Some(given) => ProtocolVersion::parse(given).map(Some).ok_or_else(|| {
            api::Error::validation(format!(
                "Protocol version '{given}' must be one of 'GRPC, HTTP1, HTTP2'"
            ))
        }),
    }
}

/// The group that was made, by this request or by its first sending.
fn create(
    tx: &mut Transaction,
    new: TargetGroup,
    limits: &Limits,
) -> Result<TargetGroup, api::Error> {
    let table = tx.table::<TargetGroup>();
    let names = &table.indexes().names;
    if let Some(existing) = names.find(&new.scope, &new.name).and_then(|id| table.get(&id)) {
        let same = TargetGroup {
            id: existing.id,
            created_at: existing.created_at,
            attributes: existing.attributes.clone(),
            ..new
        };
        if same == *existing {
            return Ok(same);
        }
        return Err(api::Error::duplicate_target_group_name(format!(
            "A target group with the same name '{}' exists, but with different settings",
            existing.name
        )));
    }
    let most = limits.target_groups;
    if names.within(&new.scope).count() >= most {
        return Err(api::Error::too_many_target_groups(format!(
            "The maximum number of target groups, '{most}', has been reached"
        )));
    }
    tx.put(new.clone());
    Ok(new)
}

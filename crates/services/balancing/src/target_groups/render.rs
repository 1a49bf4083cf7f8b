//! A target group as ELB shows it.

use berth_aws_api::elbv2 as api;
use berth_control::tables::View;

use crate::load_balancers::render::arns_of;
use crate::tables::{ProtocolVersion, TargetGroup, TargetType};

pub fn target_group(view: &impl View, group: &TargetGroup) -> api::TargetGroup {
    let check = &group.check;
    let number = |number: u32| i32::try_from(number).ok();
    let matcher = check.matcher.clone().map(|codes| match group.version {
        Some(ProtocolVersion::Grpc) => api::Matcher { http_code: None, grpc_code: Some(codes) },
        _ => api::Matcher { http_code: Some(codes), grpc_code: None },
    });
    let family = if group.is_ipv6 {
        api::TargetGroupIpAddressTypeEnum::Ipv6
    } else {
        api::TargetGroupIpAddressTypeEnum::Ipv4
    };
    api::TargetGroup {
        target_group_arn: Some(group.arn()),
        target_group_name: Some(group.name.clone()),
        protocol: Some(group.protocol.into()),
        port: Some(i32::from(group.port)),
        vpc_id: Some(group.vpc.clone()),
        health_check_protocol: Some(check.protocol.into()),
        health_check_port: Some(port(check.port)),
        health_check_enabled: Some(true),
        health_check_interval_seconds: number(check.interval),
        health_check_timeout_seconds: number(check.timeout),
        healthy_threshold_count: number(check.healthy),
        unhealthy_threshold_count: number(check.unhealthy),
        health_check_path: check.path.clone(),
        matcher,
        load_balancer_arns: Some(arns_of(view, group.id)),
        target_type: Some(group.target_type.into()),
        protocol_version: group.version.map(|version| version.as_str().to_owned()),
        ip_address_type: (group.target_type != TargetType::Alb).then_some(family),
        target_control_port: None,
    }
}

fn port(port: Option<u16>) -> String {
    port.map_or_else(|| "traffic-port".to_owned(), |port| port.to_string())
}

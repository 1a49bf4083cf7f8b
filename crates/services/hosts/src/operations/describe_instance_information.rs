//! DescribeInstanceInformation: the hosts that joined.
//!
//! What SSM's own agent would report of a machine (its system, its patches) is not known here and left out.

use std::sync::Arc;

use berth_agent_protocol::hosts::HostType;
use berth_aws_api::ssm as api;
use berth_control::pipeline::{Call, Failure};
use berth_model::Timestamp;

use crate::filters::{self, Filter};
use crate::paging::paging;
use crate::service::Hosts;
use crate::tables::Host;

const PAGE: i32 = 50;

pub async fn describe_instance_information(
    hosts: Arc<Hosts>,
    call: Call,
    input: api::DescribeInstanceInformationRequest,
) -> Result<api::DescribeInstanceInformationResult, Failure<api::Error>> {
    let filters = filters::parse(
        input.instance_information_filter_list.unwrap_or_default(),
        input.filters.unwrap_or_default(),
    )?;
    let paging = paging(
        "DescribeInstanceInformation",
        &filters,
        input.max_results.unwrap_or(PAGE),
        input.next_token,
    )?;
    let view = hosts.cell.snapshot();
    let table = view.table::<Host>();
    let of_scope = table.indexes().by_scope.get(&call.scope).filter_map(|id| table.get(id));
    let shown = of_scope.map(|host| (render(&hosts, host, call.now), host));
    let wanted = shown
        .filter(|(shown, host)| filters.iter().all(|filter| passes(filter, shown, host)))
        .map(|(shown, host)| (host.id.clone(), shown));
    let page = paging.cut(wanted);
    Ok(api::DescribeInstanceInformationResult {
        instance_information_list: Some(page.items),
        next_token: page.next,
    })
}

fn passes(filter: &Filter, shown: &api::InstanceInformation, host: &Host) -> bool {
    let one = |value: Option<&str>| value.is_some_and(|value| filter.takes(value));
    match filter.key.as_str() {
        "InstanceIds" => one(shown.instance_id.as_deref()),
        "ActivationIds" => one(shown.activation_id.as_deref()),
        "IamRole" => one(shown.iam_role.as_deref()),
        "PingStatus" => one(shown.ping_status.as_ref().map(api::PingStatus::as_str)),
        "PlatformTypes" => one(shown.platform_type.as_ref().map(api::PlatformType::as_str)),
        "ResourceType" => one(shown.resource_type.as_ref().map(api::ResourceType::as_str)),
        "tag-key" => host.tags.keys().any(|key| filter.takes(key)),
        key => key
            .strip_prefix("tag:")
            .and_then(|name| host.tags.get(name))
            .is_some_and(|value| filter.takes(value)),
    }
}

fn render(hosts: &Hosts, host: &Host, now: Timestamp) -> api::InstanceInformation {
    let last_seen = host.asked_at.max(host.registered_at);
    // DEVIATES: a host is heard of when it renews its credentials; SSM's agent pings every five minutes.
    let is_online = now.since(last_seen) < hosts.settings.credential_lifetime;
    api::InstanceInformation {
        instance_id: Some(host.id.clone()),
        ping_status: Some(if is_online {
            api::PingStatus::Online
        } else {
            api::PingStatus::ConnectionLost
        }),
        last_ping_date_time: Some(last_seen),
        platform_type: Some(api::PlatformType::Linux),
        activation_id: Some(host.activation.to_string()),
        iam_role: Some(host.iam_role.clone()),
        registration_date: Some(host.registered_at),
        resource_type: Some(match host.host_type() {
            HostType::Ec2 => api::ResourceType::Ec2Instance,
            HostType::External => api::ResourceType::ManagedInstance,
        }),
        name: host.name.clone(),
        ip_address: Some(host.address.clone()),
        ..Default::default()
    }
}

//! What each call about hosts wants.
//!
//! AWS: the Service Authorization Reference, "AWS Systems Manager". Activations cannot be named by policies; a host is
//! an instance of EC2, or a managed one, by its id.

use berth_agent_protocol::hosts::{ROLE_PATH, SELF_PATH};
use berth_aws_api::ssm::ops;
use berth_control::pipeline::access::{AccessTable, Resource};
use berth_model::{Scope, Tags};

use crate::own_host::{DESCRIBE_OWN_HOST, REQUEST_ROLE_TOKEN};
use crate::role;
use crate::service::Hosts;
use crate::tables::Host;

pub fn table() -> AccessTable<Hosts> {
    AccessTable::<Hosts>::new("ssm")
        .operation::<ops::CreateActivation>(|ask, input| {
            let tags = input.tags.iter().flatten();
            let pairs = tags.map(|tag| {
                (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default())
            });
            ask.wants.request_tags(pairs.collect::<Tags>());
            // AWS: hosts act in it.
            let role = role::arn(&ask.call.scope, input.iam_role.as_deref().unwrap_or_default());
            ask.wants.pass_role(role, role::SERVICE);
        })
        .operation::<ops::DeleteActivation>(|_, _| {})
        .operation::<ops::DeregisterManagedInstance>(|ask, input| {
            let Scope { partition, account, region } = &ask.call.scope;
            let id = input.instance_id.clone().unwrap_or_default();
            let arn = match id.starts_with("i-") {
                true => format!("arn:{partition}:ec2:{region}:{account}:instance/{id}"),
                false => format!("arn:{partition}:ssm:{region}:{account}:managed-instance/{id}"),
            };
            let view = ask.service.cell.snapshot();
            let host = view.table::<Host>().get(&id).filter(|host| host.scope == ask.call.scope);
            let resource = Resource::new(arn);
            ask.wants.on(match host {
                Some(host) => resource.tagged(&host.tags),
                None => resource,
            });
        })
        .operation::<ops::DescribeActivations>(|_, _| {})
        .operation::<ops::DescribeInstanceInformation>(|_, _| {})
        .path(SELF_PATH, DESCRIBE_OWN_HOST, |_, _| {})
        .path(ROLE_PATH, REQUEST_ROLE_TOKEN, |_, _| {})
}

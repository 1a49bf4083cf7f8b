//! Who the caller is to ECS: its name, the host that it speaks for, and what is that host's.

use berth_aws_api::ecs as api;
use berth_control::pipeline::{Call, PrincipalKind};
use berth_control::tables::View;

use crate::tables::{ContainerInstance, Task};

/// For records and settings that keep a caller's name.
pub fn principal_arn(call: &Call) -> String {
    call.principal_arn()
}

/// Whether the caller may say what happens on this container instance. An agent speaks for the instances
/// that it registered and for no others; whoever else may call the operation may speak for all.
pub fn speaks_for(call: &Call, instance: &ContainerInstance) -> bool {
    match call.principal.kind {
        PrincipalKind::Agent { .. } => instance.registered_by == principal_arn(call),
        PrincipalKind::Administrator
        | PrincipalKind::User(_)
        | PrincipalKind::Session(_)
        | PrincipalKind::Anonymous => true,
    }
}

/// Whether the caller may speak of this task: an agent, of those on its own instances.
pub fn speaks_for_task(view: &impl View, call: &Call, task: &Task) -> bool {
    let instance = task.container_instance.and_then(|id| view.get::<ContainerInstance>(&id));
    !call.principal.is_agent() || instance.is_some_and(|instance| speaks_for(call, instance))
}

/// The id of the host whose agent calls.
pub fn host_of(call: &Call) -> Option<&str> {
    match &call.principal.kind {
        PrincipalKind::Agent { host } => Some(host),
        PrincipalKind::Administrator
        | PrincipalKind::User(_)
        | PrincipalKind::Session(_)
        | PrincipalKind::Anonymous => None,
    }
}

/// What an agent makes of ECS: operations, and the actions of its two sockets. Each of them sees to it that the agent
/// names only what is its own.
///
/// AWS: the managed policy AmazonEC2ContainerServiceforEC2Role, without CreateCluster: a cluster is an
/// administrator's to make.
pub const AGENT_OPERATIONS: &[&str] = &[
    "DiscoverPollEndpoint",
    "GetTaskProtection",
    "ListTagsForResource",
    "Poll",
    "RegisterContainerInstance",
    "StartTelemetrySession",
    "SubmitAttachmentStateChanges",
    "SubmitContainerStateChange",
    "SubmitTaskStateChange",
    "UpdateContainerInstancesState",
    "UpdateTaskProtection",
];

/// The refusal of an action that the caller may do, but not to this.
pub fn not_yours(call: &Call, action: &str, resource: &str) -> api::Error {
    let who = call.principal_arn();
    api::Error::access_denied(format!(
        "User: {who} is not authorized to perform: ecs:{action} on resource: {resource} because no \
         identity-based policy allows the ecs:{action} action"
    ))
}

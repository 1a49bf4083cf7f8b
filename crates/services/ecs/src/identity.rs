//! A caller's name in AWS's form, for records and settings that keep one.

use berth_control::pipeline::{Call, PrincipalKind};

use crate::tables::ContainerInstance;

/// AWS: the account's own key is its root user; an agent acts in its host's role.
pub fn principal_arn(call: &Call) -> String {
    let (partition, account) = (call.scope.partition, call.scope.account);
    match &call.principal.kind {
        // Nobody proved anything with `--auth open`, where everyone may do everything.
        PrincipalKind::Administrator | PrincipalKind::Anonymous => {
            format!("arn:{partition}:iam::{account}:root")
        }
        PrincipalKind::Agent { host } => {
            format!("arn:{partition}:sts::{account}:assumed-role/berth-container-instance/{host}")
        }
    }
}

/// Whether the caller may say what happens on this container instance. An agent speaks for the instances
/// that it registered and for no others; whoever holds the account's key may speak for all.
pub fn speaks_for(call: &Call, instance: &ContainerInstance) -> bool {
    match call.principal.kind {
        PrincipalKind::Agent { .. } => instance.registered_by == principal_arn(call),
        PrincipalKind::Administrator | PrincipalKind::Anonymous => true,
    }
}

//! A caller's name in AWS's form, for records and settings that keep one.

use berth_control::pipeline::{Call, PrincipalKind};

/// AWS: the account's own key is its root user; an agent acts in its host's role.
pub fn principal_arn(call: &Call) -> String {
    let (partition, account) = (call.scope.partition, call.scope.account);
    match &call.principal.kind {
        // Nobody proved anything with `--auth open`, where everyone may do everything.
        PrincipalKind::Administrator | PrincipalKind::Anonymous => format!("arn:{partition}:iam::{account}:root"),
        PrincipalKind::Agent { host } => {
            format!("arn:{partition}:sts::{account}:assumed-role/berth-container-instance/{host}")
        }
    }
}

//! The role that an activation names: what runs on its hosts may act in it.
//!
//! Whether there is such a role, and whom it trusts, identity knows (`berth_control::ports`). Activations are
//! SSM's, so it is SSM that a role has to trust, whatever type its hosts are of.

use std::time::Duration;

use berth_control::pipeline::CommonError;
use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions, SessionCredentials};
use berth_model::{Scope, Tags, Timestamp};

use crate::tables::Host;

/// Whom such a role has to trust.
pub const SERVICE: &str = "ssm.amazonaws.com";

/// AWS: activations have a role's name, with its path but without the slash that a path begins with.
pub fn arn(scope: &Scope, role: &str) -> String {
    format!("arn:{}:iam::{}:role/{role}", scope.partition, scope.account)
}

/// Whether hosts may be given this role.
pub fn check(
    roles: &dyn RoleSessions,
    scope: &Scope,
    role: &str,
    now: Timestamp,
) -> Result<(), CommonError> {
    let arn = arn(scope, role);
    let request = request(scope, &arn, "", Duration::ZERO, now);
    roles.check(&request).map_err(|refusal| {
        tracing::info!(role = arn, %refusal, "hosts cannot have this role");
        CommonError::Invalid {
            code: "ValidationException",
            // AWS: the same words for both.
            message: format!(
                "Nonexistent role or missing ssm service principal in trust policy: {arn}"
            ),
        }
    })
}

/// New credentials of the host's role. AWS: the session is named after the host.
pub fn issue(
    roles: &dyn RoleSessions,
    host: &Host,
    lifetime: Duration,
    now: Timestamp,
) -> Result<SessionCredentials, RoleRefusal> {
    let arn = arn(&host.scope, &host.iam_role);
    roles.assume(request(&host.scope, &arn, &host.id, lifetime, now))
}

fn request<'a>(
    scope: &'a Scope,
    role: &'a str,
    session_name: &'a str,
    duration: Duration,
    now: Timestamp,
) -> RoleRequest<'a> {
    let Scope { partition, account, region } = scope;
    RoleRequest {
        scope,
        role,
        session_name,
        service: SERVICE,
        // AWS: trust policies may say for which activations, by region and account.
        source_arn: Some(format!("arn:{partition}:ssm:{region}:{account}:*")),
        duration,
        tags: Tags::new(),
        now,
    }
}

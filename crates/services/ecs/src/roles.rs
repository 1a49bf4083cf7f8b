//! The roles of a task: the one that it acts in, and the one in which things are done for it before it starts.
//!
//! Who may assume a role is for identity to say (`berth_control::ports`); here is which roles a task has, that
//! they are asked for before anything is recorded, and what its agent is given.

use std::time::Duration;

use berth_agent_protocol::acs::{IAMRoleCredentials, RoleType};
use berth_aws_api::ecs as api;
use berth_control::ports::{RoleRefusal, RoleRequest, RoleSessions};
use berth_model::{CredentialsId, Scope, Tags, TaskId, Timestamp};

/// Whom the roles of tasks have to trust.
const SERVICE: &str = "ecs-tasks.amazonaws.com";
/// Whom those have to trust that ECS itself acts in.
const INFRASTRUCTURE: &str = "ecs.amazonaws.com";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleKind {
    /// What its containers may do.
    Task,
    /// In which its images, secrets and files are fetched.
    Execution,
}

impl RoleKind {
    pub const ALL: [RoleKind; 2] = [RoleKind::Task, RoleKind::Execution];

    pub fn on_the_wire(self) -> RoleType {
        match self {
            RoleKind::Task => RoleType::TaskApplication,
            RoleKind::Execution => RoleType::TaskExecution,
        }
    }
}

/// ARNs, or names alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles<'a> {
    task: Option<&'a str>,
    execution: Option<&'a str>,
}

impl<'a> Roles<'a> {
    /// An override's, or else the task definition's.
    pub fn of(
        definition: &'a api::TaskDefinition,
        overrides: Option<&'a api::TaskOverride>,
    ) -> Self {
        let overridden = |role: fn(&api::TaskOverride) -> Option<&String>| overrides.and_then(role);
        let task = overridden(|given| given.task_role_arn.as_ref());
        let execution = overridden(|given| given.execution_role_arn.as_ref());
        Self {
            task: task.or(definition.task_role_arn.as_ref()).map(String::as_str),
            execution: execution.or(definition.execution_role_arn.as_ref()).map(String::as_str),
        }
    }

    pub fn get(&self, kind: RoleKind) -> Option<&'a str> {
        match kind {
            RoleKind::Task => self.task,
            RoleKind::Execution => self.execution,
        }
    }

    /// Whether ECS may assume all of them; else what the caller is told.
    pub fn check(
        &self,
        sessions: &dyn RoleSessions,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<(), api::Error> {
        for role in RoleKind::ALL.into_iter().filter_map(|kind| self.get(kind)) {
            let request = request(scope, role, (SERVICE, SERVICE), Duration::ZERO, now);
            sessions
                .check(&request)
                .map_err(|refusal| api::Error::client(refused(role, &refusal)))?;
        }
        Ok(())
    }
}

/// New credentials of a role, for the agent that has the task.
pub fn issue(
    sessions: &dyn RoleSessions,
    scope: &Scope,
    task: TaskId,
    role: &str,
    id: CredentialsId,
    lifetime: Duration,
    now: Timestamp,
) -> Result<IAMRoleCredentials, RoleRefusal> {
    let name = task.to_string();
    // AWS: the session is named after the task.
    let issued = sessions.assume(request(scope, role, (SERVICE, &name), lifetime, now))?;
    Ok(IAMRoleCredentials {
        credentials_id: id.hyphenated().to_string(),
        role_arn: issued.role_arn,
        access_key_id: issued.access_key_id,
        secret_access_key: issued.secret_access_key,
        session_token: issued.session_token,
        expiration: issued.expires_at.to_string(),
        credential_scope: None,
    })
}

/// Whether ECS could act in a role that it is given for what it does around tasks.
pub fn check_infrastructure(
    sessions: &dyn RoleSessions,
    scope: &Scope,
    role: &str,
    now: Timestamp,
) -> Result<(), RoleRefusal> {
    // AWS: developer guide, AmazonECSInfrastructureRolePolicyForLoadBalancers, for the session's name.
    let session = "ECSNetworkingWithELB";
    sessions.check(&request(scope, role, (INFRASTRUCTURE, session), Duration::ZERO, now))
}

/// AWS: the same words for a role that is not there, does not trust ECS, or may not be passed.
pub fn refused(role: &str, refusal: &RoleRefusal) -> String {
    tracing::info!(role, %refusal, "a task cannot have its role");
    format!(
        "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role being \
         passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
    )
}

fn request<'a>(
    scope: &'a Scope,
    role: &'a str,
    (service, session_name): (&'static str, &'a str),
    duration: Duration,
    now: Timestamp,
) -> RoleRequest<'a> {
    RoleRequest {
        scope,
        role,
        session_name,
        service,
        // AWS: trust policies may say for which tasks ECS may have the role, by region and account.
        source_arn: Some(format!(
            "arn:{}:ecs:{}:{}:*",
            scope.partition, scope.region, scope.account
        )),
        duration,
        tags: Tags::new(),
        now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_wins_for_the_role_that_it_names() {
        let text = |text: &str| Some(text.to_owned());
        let definition = api::TaskDefinition {
            task_role_arn: text("app"),
            execution_role_arn: text("exec"),
            ..Default::default()
        };
        let overrides = api::TaskOverride { task_role_arn: text("other"), ..Default::default() };
        let roles = Roles::of(&definition, Some(&overrides));
        assert_eq!(RoleKind::ALL.map(|kind| roles.get(kind)), [Some("other"), Some("exec")]);
        let none = api::TaskDefinition::default();
        assert_eq!(Roles::of(&none, None), Roles::default());
    }
}

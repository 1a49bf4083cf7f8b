//! The roles that services act in: which services have one, what it is called, and that nobody else makes or changes one.

use std::time::Duration;

use berth_aws_api::iam as api;
use berth_control::cell::Transaction;
use berth_control::env::Env;
use berth_control::tables::{Record, View};
use berth_model::{Tags, Timestamp};

use crate::entity::{self, Entity};
use crate::tables::{Account, Permissions, PolicyRef, PolicyText, Role, RoleDeletion};

/// AWS: what every such role's name begins with, and its path.
const PREFIX: &str = "AWSServiceRoleFor";
const PATH: &str = "/aws-service-role/";
/// AWS: of any role. The model has it for names that are given, not for suffixes.
const LONGEST_NAME: usize = 64;

/// A service that has a role of its own.
pub struct LinkedService {
    /// Such as `ecs.amazonaws.com`.
    name: &'static str,
    /// What follows the prefix.
    role: &'static str,
    /// Of AWS's library.
    policy: &'static str,
    takes_suffix: bool,
}

/// AWS: user guide, "AWS services that work with IAM"; here are those that have something to do with ECS.
const SERVICES: [LinkedService; 4] = [
    LinkedService {
        name: "ecs.amazonaws.com",
        role: "ECS",
        policy: "AmazonECSServiceRolePolicy",
        takes_suffix: false,
    },
    LinkedService {
        name: "elasticloadbalancing.amazonaws.com",
        role: "ElasticLoadBalancing",
        policy: "AWSElasticLoadBalancingServiceRolePolicy",
        takes_suffix: false,
    },
    LinkedService {
        name: "autoscaling.amazonaws.com",
        role: "AutoScaling",
        policy: "AutoScalingServiceRolePolicy",
        takes_suffix: true,
    },
    LinkedService {
        name: "ecs.application-autoscaling.amazonaws.com",
        role: "ApplicationAutoScaling_ECSService",
        policy: "AWSApplicationAutoscalingECSServicePolicy",
        takes_suffix: false,
    },
];

pub fn service(name: &str) -> Result<&'static LinkedService, api::Error> {
    SERVICES.iter().find(|service| service.name == name).ok_or_else(|| {
        let known = SERVICES.map(|service| service.name).join(", ");
        api::Error::invalid_input(format!(
            "`{name}` is no service that has a service-linked role here; these have one: {known}."
        ))
    })
}

/// The folder of a service's roles.
pub fn path(service: &str) -> String {
    format!("{PATH}{service}/")
}

impl LinkedService {
    /// What the service's role is called.
    pub fn role_name(&self, suffix: Option<&str>) -> Result<String, api::Error> {
        let name = match suffix {
            None => format!("{PREFIX}{}", self.role),
            Some(suffix) if self.takes_suffix => format!("{PREFIX}{}_{suffix}", self.role),
            Some(_) => {
                let message = format!("Custom suffix is not allowed for {}", self.name);
                return Err(api::Error::invalid_input(message));
            }
        };
        match name.len() > LONGEST_NAME {
            true => Err(api::Error::invalid_input(format!(
                "`{name}` is longer than a role's name may be: {LONGEST_NAME}."
            ))),
            false => Ok(name),
        }
    }

    /// The service's role, not yet anywhere.
    pub fn role(
        &self,
        env: &Env,
        account: Account,
        suffix: Option<&str>,
        description: Option<String>,
        now: Timestamp,
    ) -> Result<Role, api::Error> {
        let name = self.role_name(suffix)?;
        let path = Some(path(self.name));
        Ok(Role {
            about: entity::about::<Role>(env, account, name, path, Tags::new(), now),
            permissions: Permissions {
                attached: [PolicyRef::Aws(self.policy.to_owned())].into(),
                ..Permissions::default()
            },
            trust: PolicyText::new(&format!(
                "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"{}\"}},\"Action\":\"sts:AssumeRole\"}}]}}",
                self.name
            )),
            description,
            max_session_seconds: 3600,
            linked_to: Some(self.name.to_owned()),
        })
    }
}

/// AWS: such a name is told to be taken in other words than any other.
pub fn is_not_taken(view: &impl View, role: &Role) -> Result<(), api::Error> {
    let name = &role.about.name;
    match Role::by_name(view.table::<Role>().indexes()).find(role.about.account, name) {
        None => Ok(()),
        Some(_) => Err(api::Error::invalid_input(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        ))),
    }
}

/// CreateRole makes none of these.
pub fn is_not_reserved(name: &str, path: Option<&str>) -> Result<(), api::Error> {
    if name.starts_with(PREFIX) || path.is_some_and(|path| path.starts_with(PATH)) {
        return Err(api::Error::invalid_input(format!(
            "Names that begin with {PREFIX} and paths that begin with {PATH} are reserved for service-linked roles; \
             see CreateServiceLinkedRole."
        )));
    }
    Ok(())
}

/// What a deletion of the role is asked about by.
pub fn deletion_id(role: &Role, unique: [u8; 16]) -> Result<String, api::Error> {
    let name = &role.about.name;
    let service = role.linked_to.as_ref().ok_or_else(|| {
        api::Error::no_such_entity(format!("There is no service-linked role with name {name}."))
    })?;
    let digits: String = unique.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!(
        "task{PATH}{service}/{name}/{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    ))
}

/// For how long a deletion can be asked about.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

pub fn forget_deletions(tx: &mut Transaction, account: Account, now: Timestamp) {
    let old = |deletion: &&RoleDeletion| now.since(deletion.at) >= REMEMBERED;
    let deletions = tx.table::<RoleDeletion>().within(&account);
    let old: Vec<_> = deletions.filter(old).map(Record::key).collect();
    for deletion in old {
        tx.delete::<RoleDeletion>(&deletion);
    }
}

//! The roles of a task.

use berth_aws_api::ecs as api;
use berth_model::Arn;

use super::{Verdict, refuse_unless};

/// A task role may be given by its name alone. Whether there is such a role is not ECS's to know.
pub fn check(definition: &api::TaskDefinition) -> Verdict {
    for (member, role) in [
        ("taskRoleArn", definition.task_role_arn.as_deref()),
        ("executionRoleArn", definition.execution_role_arn.as_deref()),
    ] {
        role.map_or(Ok(()), |role| check_role(member, role))?;
    }
    Ok(())
}

pub fn check_role(member: &str, role: &str) -> Verdict {
    refuse_unless(is_arn(role) || is_name(role), || {
        format!("Role is not valid. {member} `{role}` is neither the ARN nor the name of a role.")
    })
}

fn is_arn(text: &str) -> bool {
    text.parse().is_ok_and(|arn: Arn| {
        arn.service == "iam" && arn.resource.strip_prefix("role/").is_some_and(is_path)
    })
}

fn is_path(path: &str) -> bool {
    path.split('/').next_back().is_some_and(is_name) && !path.starts_with('/')
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "+=,.@-_".contains(letter))
}

//! What the agent fetches for a container before it starts, for which it needs the execution role.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, refuse, refuse_unless};

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    SecretsManager,
    ParameterStore,
}

/// AWS: what is no ARN is the name of a parameter.
pub fn keeper(secret: &api::Secret) -> Keeper {
    let mut parts = secret.value_from.as_deref().unwrap_or_default().splitn(4, ':');
    match (parts.next(), parts.nth(1)) {
        (Some("arn"), Some("secretsmanager")) => Keeper::SecretsManager,
        _ => Keeper::ParameterStore,
    }
}

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let has_role = definition.execution_role_arn.is_some();
    for container in containers_of(definition) {
        let name = name_of(container);
        let of_logs =
            container.log_configuration.as_ref().and_then(|logs| logs.secret_options.as_ref());
        let has_secrets =
            !none(&container.secrets) || of_logs.is_some_and(|secrets| !secrets.is_empty());
        refuse_unless(has_role || !has_secrets, || {
            format!(
                "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'. Container '{name}' has secrets."
            )
        })?;
        refuse_unless(has_role || none(&container.environment_files), || {
            format!(
                "When you are specifying environment files, you must also specify a value for 'executionRoleArn'. Container '{name}' has some."
            )
        })?;
        let Some(credentials) = &container.repository_credentials else { continue };
        if credentials.credentials_parameter.as_deref().is_none_or(str::is_empty) {
            return refuse(format!(
                "Invalid 'repositoryCredentials' setting for container '{name}'. credentialsParameter must not be empty."
            ));
        }
        refuse_unless(has_role, || {
            format!(
                "Private repository authentication requires that the task definition specify a value for executionRoleArn. Container '{name}' uses it."
            )
        })?;
    }
    Ok(())
}

fn none<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_none_or(Vec::is_empty)
}

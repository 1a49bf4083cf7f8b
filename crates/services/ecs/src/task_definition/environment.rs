//! What a container finds in its environment: variables, files of variables, secrets.

use berth_aws_api::ecs as api;

use super::{Verdict, name_of, refuse, refuse_unless};

const MOST_FILES: usize = 10;

pub fn check(container: &api::ContainerDefinition) -> Verdict {
    let name = name_of(container);
    let variables = container.environment.as_deref().unwrap_or_default();
    for (index, variable) in variables.iter().enumerate() {
        refuse_unless(variable.name.as_deref().is_some_and(|name| !name.is_empty()), || {
            format!(
                "Invalid 'environment' setting for container '{name}'. environment[{index}] has no name."
            )
        })?;
    }
    check_files(container)?;
    check_secrets(container, variables)
}

fn check_files(container: &api::ContainerDefinition) -> Verdict {
    let files = container.environment_files.as_deref().unwrap_or_default();
    let invalid = |problem: String| {
        refuse(format!(
            "Invalid 'environmentFiles' setting for container '{}'. {problem}",
            name_of(container)
        ))
    };
    if files.len() > MOST_FILES {
        return invalid(format!(
            "At most {MOST_FILES} files are possible; {} were given.",
            files.len()
        ));
    }
    for file in files.iter().filter_map(|file| file.value.as_deref()) {
        if !is_object(file) || !file.ends_with(".env") {
            return invalid(format!(
                "`{file}` is not the ARN of an S3 object whose name ends in .env, such as arn:aws:s3:::bucket/file.env."
            ));
        }
    }
    Ok(())
}

/// An S3 object's ARN: `arn:aws:s3:::bucket/key`.
pub fn is_object(arn: &str) -> bool {
    let object = arn.strip_prefix("arn:").and_then(|rest| rest.split_once(":s3:::"));
    let parts = object.and_then(|(_, object)| object.split_once('/'));
    parts.is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
}

fn check_secrets(container: &api::ContainerDefinition, variables: &[api::KeyValuePair]) -> Verdict {
    let secrets = container.secrets.as_deref().unwrap_or_default();
    for (index, secret) in secrets.iter().enumerate() {
        let empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
        refuse_unless(!empty(&secret.name) && !empty(&secret.value_from), || {
            format!(
                "Invalid 'secrets' setting for container '{}'. secrets[{index}] needs both a name and a valueFrom.",
                name_of(container)
            )
        })?;
        let taken = variables.iter().any(|variable| variable.name == secret.name)
            || secrets[..index].iter().any(|earlier| earlier.name == secret.name);
        refuse_unless(!taken, || {
            format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{}'.",
                secret.name.as_deref().unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

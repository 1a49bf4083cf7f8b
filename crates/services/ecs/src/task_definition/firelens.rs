//! FireLens: one container of a task routes the logs of the others.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, refuse, refuse_unless};
use super::{environment, logging};

const LARGEST_BUFFER: u32 = 536_870_912;

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    let containers = containers_of(definition);
    let routers: Vec<_> =
        containers.iter().filter(|container| container.firelens_configuration.is_some()).collect();
    refuse_unless(routers.len() <= 1, || {
        let names: Vec<_> = routers.iter().map(|router| name_of(router)).collect();
        format!(
            "Only one container of a task definition can have a firelensConfiguration; {} have one.",
            names.join(", ")
        )
    })?;
    for router in &routers {
        check_router(router)?;
    }
    for container in containers {
        let Some(logs) = container.log_configuration.as_ref().filter(|logs| uses(logs)) else {
            continue;
        };
        refuse_unless(!routers.is_empty(), || {
            format!(
                "When a container uses the log driver awsfirelens, another one must have a firelensConfiguration. Container '{}' uses it.",
                name_of(container)
            )
        })?;
        let limit = logging::option(logs, "log-driver-buffer-limit");
        if let Some(limit) =
            limit.filter(|limit| !limit.parse().is_ok_and(|limit: u32| limit <= LARGEST_BUFFER))
        {
            return refuse(format!(
                "Invalid 'logConfiguration' setting for container '{}'. Option log-driver-buffer-limit: `{limit}` is not between 0 and {LARGEST_BUFFER}.",
                name_of(container)
            ));
        }
    }
    Ok(())
}

pub fn uses(logs: &api::LogConfiguration) -> bool {
    logs.log_driver == Some(api::LogDriver::Awsfirelens)
}

fn check_router(router: &api::ContainerDefinition) -> Verdict {
    let invalid = |problem: String| {
        refuse(format!(
            "Invalid 'firelensConfiguration' setting for container '{}'. {problem}",
            name_of(router)
        ))
    };
    if router.log_configuration.as_ref().is_some_and(uses) {
        return invalid("The log router cannot log through itself.".to_owned());
    }
    let options =
        router.firelens_configuration.as_ref().and_then(|firelens| firelens.options.as_ref());
    for (name, value) in options.into_iter().flatten() {
        let holds = match name.as_str() {
            "enable-ecs-log-metadata" => matches!(value.as_str(), "true" | "false"),
            "config-file-type" => matches!(value.as_str(), "s3" | "file"),
            "config-file-value" => !value.is_empty(),
            _ => return invalid(format!("`{name}` is not an option of FireLens.")),
        };
        if !holds {
            return invalid(format!("`{value}` is not a value of {name}."));
        }
    }
    let has = |name: &str| options.is_some_and(|options| options.contains_key(name));
    if has("config-file-type") != has("config-file-value") {
        return invalid(
            "config-file-type and config-file-value must be given together.".to_owned(),
        );
    }
    let option = |name: &str| options.and_then(|options| options.get(name)).map(String::as_str);
    if let (Some("s3"), Some(value)) = (option("config-file-type"), option("config-file-value"))
        && !environment::is_object(value)
    {
        return invalid(format!(
            "`{value}` is not the ARN of an S3 object, such as arn:aws:s3:::bucket/extra.conf."
        ));
    }
    Ok(())
}

//! Log drivers and their options.

use berth_aws_api::ecs as api;

use super::{Verdict, containers_of, name_of, refuse, refuse_unless};

pub fn check(definition: &api::TaskDefinition) -> Verdict {
    for container in containers_of(definition) {
        if let Some(logs) = &container.log_configuration {
            check_required(logs)?;
            check_delivery(container, logs)?;
            check_awslogs(container, logs)?;
            check_secrets(container, logs)?;
        }
    }
    Ok(())
}

/// The option, set in the open or as a secret.
fn has(logs: &api::LogConfiguration, name: &str) -> bool {
    option(logs, name).is_some()
        || logs.secret_options.iter().flatten().any(|secret| secret.name.as_deref() == Some(name))
}

pub fn option<'a>(logs: &'a api::LogConfiguration, name: &str) -> Option<&'a str> {
    logs.options.as_ref()?.get(name).map(String::as_str)
}

fn check_required(logs: &api::LogConfiguration) -> Verdict {
    let required: &[&str] = match logs.log_driver {
        Some(api::LogDriver::Awslogs) => &["awslogs-region", "awslogs-group"],
        Some(api::LogDriver::Splunk) => &["splunk-url", "splunk-token"],
        _ => &[],
    };
    let missing: Vec<&str> = required.iter().copied().filter(|name| !has(logs, name)).collect();
    refuse_unless(missing.is_empty(), || {
        let driver = logs.log_driver.as_ref().map(api::LogDriver::as_str).unwrap_or_default();
        format!("Log driver {driver} requires options: {}", missing.join(", "))
    })
}

fn invalid(container: &api::ContainerDefinition, option: &str, problem: &str) -> Verdict {
    refuse(format!(
        "Invalid 'logConfiguration' setting for container '{}'. Option {option}: {problem}.",
        name_of(container)
    ))
}

/// Docker's own options, which every driver has.
fn check_delivery(container: &api::ContainerDefinition, logs: &api::LogConfiguration) -> Verdict {
    let mode = option(logs, "mode");
    if let Some(mode) = mode.filter(|mode| !matches!(*mode, "blocking" | "non-blocking")) {
        return invalid(
            container,
            "mode",
            &format!("`{mode}` is neither blocking nor non-blocking"),
        );
    }
    let Some(size) = option(logs, "max-buffer-size") else { return Ok(()) };
    if mode == Some("blocking") {
        return invalid(container, "max-buffer-size", "it has no meaning in the mode blocking");
    }
    let number = size.trim_end_matches(['b', 'B']).trim_end_matches(['k', 'm', 'g', 'K', 'M', 'G']);
    match number.parse::<u32>() {
        Ok(number) if number > 0 => Ok(()),
        _ => invalid(container, "max-buffer-size", &format!("`{size}` is not a size such as 25m")),
    }
}

fn check_awslogs(container: &api::ContainerDefinition, logs: &api::LogConfiguration) -> Verdict {
    if logs.log_driver != Some(api::LogDriver::Awslogs) {
        return Ok(());
    }
    let create = option(logs, "awslogs-create-group");
    if let Some(create) =
        create.filter(|create| !matches!(create.to_ascii_lowercase().as_str(), "true" | "false"))
    {
        return invalid(
            container,
            "awslogs-create-group",
            &format!("`{create}` is neither true nor false"),
        );
    }
    if has(logs, "awslogs-datetime-format") && has(logs, "awslogs-multiline-pattern") {
        return invalid(
            container,
            "awslogs-multiline-pattern",
            "it cannot be given together with awslogs-datetime-format",
        );
    }
    Ok(())
}

fn check_secrets(container: &api::ContainerDefinition, logs: &api::LogConfiguration) -> Verdict {
    for secret in logs.secret_options.iter().flatten() {
        let name = secret.name.as_deref().unwrap_or_default();
        if name.is_empty() || secret.value_from.as_deref().is_none_or(str::is_empty) {
            return invalid(
                container,
                &format!("`{name}`"),
                "a secret option needs both a name and a valueFrom",
            );
        }
        if option(logs, name).is_some() {
            return invalid(
                container,
                &format!("`{name}`"),
                "it is given both in options and in secretOptions",
            );
        }
    }
    Ok(())
}

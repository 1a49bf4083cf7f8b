//! A container's health check: its command and its numbers.

use berth_aws_api::ecs as api;

use super::{Verdict, name_of, refuse, refuse_unless};

pub fn check(container: &api::ContainerDefinition) -> Verdict {
    let Some(check) = &container.health_check else { return Ok(()) };
    let name = name_of(container);
    let command = check.command.as_deref().unwrap_or_default();
    match command.first().map(String::as_str) {
        Some("CMD" | "CMD-SHELL") => {}
        other => {
            let begins =
                other.map_or("is empty".to_owned(), |first| format!("begins with `{first}`"));
            return refuse(format!(
                "Invalid 'healthCheck.command' setting for container '{name}'. The command must begin with CMD or CMD-SHELL; this one {begins}."
            ));
        }
    }
    refuse_unless(command.len() > 1, || {
        format!(
            "Invalid 'healthCheck.command' setting for container '{name}'. Nothing follows {}.",
            command[0]
        )
    })?;
    for (member, value, least, most) in [
        ("interval", check.interval, 5, 300),
        ("timeout", check.timeout, 2, 60),
        ("retries", check.retries, 1, 10),
        ("startPeriod", check.start_period, 0, 300),
    ] {
        refuse_unless(value.is_none_or(|value| (least..=most).contains(&value)), || {
            format!(
                "Invalid 'healthCheck.{member}' setting for container '{name}'. {} is not between {least} and {most}.",
                value.unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

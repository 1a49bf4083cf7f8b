//! How long a container may take to start and to stop, and when it is started again.

use berth_aws_api::ecs as api;

use super::{Verdict, name_of, refuse};

/// AWS: a container's start is not judged sooner.
const SHORTEST_START: i32 = 2;
const MOST_IGNORED_EXIT_CODES: usize = 50;

pub fn check(container: &api::ContainerDefinition) -> Verdict {
    let invalid = |member: &str, problem: String| {
        refuse(format!(
            "Invalid '{member}' setting for container '{}'. {problem}",
            name_of(container)
        ))
    };
    if let Some(timeout) = container.start_timeout.filter(|timeout| *timeout < SHORTEST_START) {
        return invalid(
            "startTimeout",
            format!("{timeout} is less than {SHORTEST_START} seconds."),
        );
    }
    if let Some(timeout) = container.stop_timeout.filter(|timeout| *timeout < 0) {
        return invalid("stopTimeout", format!("{timeout} is less than 0 seconds."));
    }
    let Some(policy) = &container.restart_policy else { return Ok(()) };
    let ignored = policy.ignored_exit_codes.as_deref().unwrap_or_default();
    if ignored.len() > MOST_IGNORED_EXIT_CODES {
        return invalid(
            "restartPolicy.ignoredExitCodes",
            format!(
                "At most {MOST_IGNORED_EXIT_CODES} are possible; {} were given.",
                ignored.len()
            ),
        );
    }
    match policy.restart_attempt_period {
        Some(period) if !(60..=1800).contains(&period) => invalid(
            "restartPolicy.restartAttemptPeriod",
            format!("{period} is not between 60 and 1800 seconds."),
        ),
        _ => Ok(()),
    }
}

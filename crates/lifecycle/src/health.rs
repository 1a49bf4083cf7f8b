//! The health of a task, from that of its containers.

use berth_model::HealthStatus;

/// `essential` has the health of each essential container that has a health check.
///
/// AWS: one that fails makes the task UNHEALTHY, all that pass make it HEALTHY, and without any
/// check, or before all have answered, it is UNKNOWN. Containers that are not essential do not count.
pub fn task_health(essential: impl IntoIterator<Item = HealthStatus>) -> HealthStatus {
    let mut checked = false;
    let mut waiting = false;
    for health in essential {
        checked = true;
        match health {
            HealthStatus::Unhealthy => return HealthStatus::Unhealthy,
            HealthStatus::Unknown => waiting = true,
            HealthStatus::Healthy => {}
        }
    }
    if checked && !waiting { HealthStatus::Healthy } else { HealthStatus::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_answer_counts() {
        use HealthStatus::{Healthy, Unhealthy, Unknown};
        for (containers, expected) in [
            (vec![], Unknown),
            (vec![Healthy], Healthy),
            (vec![Healthy, Unknown], Unknown),
            (vec![Unknown, Unhealthy], Unhealthy),
            (vec![Healthy, Unhealthy], Unhealthy),
            (vec![Healthy, Healthy], Healthy),
        ] {
            assert_eq!(task_health(containers.clone()), expected, "{containers:?}");
        }
    }
}

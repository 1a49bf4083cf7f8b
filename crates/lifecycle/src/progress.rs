//! Status moves forward only. These two rules are the whole of it.
//!
//! A status may be jumped over: an agent that was cut off reports STOPPED for a task last known
//! as PENDING. None is ever taken back.

use berth_model::{ContainerStatus, TaskStatus};

/// The status after hearing of `reported`, or `None` if that changes nothing.
pub fn advance_task(known: TaskStatus, reported: TaskStatus) -> Option<TaskStatus> {
    (reported > known).then_some(reported)
}

/// The status after hearing of `reported`, or `None` if that changes nothing.
pub fn advance_container(
    known: ContainerStatus,
    reported: ContainerStatus,
) -> Option<ContainerStatus> {
    (reported > known).then_some(reported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_reports_ends_at_the_latest_status() {
        for first in TaskStatus::ALL {
            for second in TaskStatus::ALL {
                let hear = |known, reported| advance_task(known, reported).unwrap_or(known);
                let (one, other) = (hear(*first, *second), hear(*second, *first));
                assert_eq!(one, other);
                assert!(one >= *first && one >= *second);
                assert_eq!(advance_task(one, *first), None, "a duplicate changes nothing");
            }
        }
    }
}

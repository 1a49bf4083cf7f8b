//! What the containers say about their task.

use berth_model::{ContainerStatus, DesiredStatus, TaskStatus};

use crate::stop::{Ended, StopCause, cause_of};
use crate::view::{ContainerView, TaskView};

/// The status to report for the task.
///
/// AWS: the task is as far as its hindmost container; ended ones hold it back no longer. So it is
/// RUNNING once every container runs or has ended, and STOPPED once all have ended. An essential
/// container that ended early does not make a task RUNNING: the others are stopped where they are.
/// Nor does one that ended without having run, even if all others run by then: the task failed to start.
pub fn derive_status(task: &TaskView) -> TaskStatus {
    let failed_to_start = |container: &ContainerView| {
        container.essential && container.is_stopped() && !container.has_run()
    };
    match task.containers.iter().map(|container| container.status).min() {
        Some(ContainerStatus::Stopped) => TaskStatus::Stopped,
        Some(_) if task.containers.iter().any(failed_to_start) => TaskStatus::Pending,
        Some(ContainerStatus::Running | ContainerStatus::ResourcesProvisioned) => {
            TaskStatus::Running
        }
        Some(ContainerStatus::Pending | ContainerStatus::Pulled | ContainerStatus::Created) => {
            TaskStatus::Pending
        }
        // A task of no containers has nothing to wait for but its end.
        None if task.desired_status == DesiredStatus::Stopped => TaskStatus::Stopped,
        None => TaskStatus::Running,
    }
}

/// Whether the task is on its way down: it was asked to, or an essential container has ended.
pub fn is_stopping(task: &TaskView) -> bool {
    task.desired_status == DesiredStatus::Stopped
        || task.containers.iter().any(|container| container.essential && container.is_over())
}

/// Why the task goes down although nobody asked, if it does.
pub fn stop_cause(task: &TaskView) -> Option<StopCause> {
    if task.desired_status == DesiredStatus::Stopped || !is_stopping(task) {
        return None;
    }
    let ended =
        task.containers.iter().filter(|container| container.is_stopped()).map(|container| Ended {
            essential: container.essential,
            has_run: container.has_run(),
            reason: container.reason.as_deref(),
        });
    cause_of(ended, None)
}

#[cfg(test)]
mod tests {
    use berth_model::StopCode;

    use super::*;
    use crate::view::ContainerView;

    fn task(statuses: &[(ContainerStatus, bool)]) -> TaskView {
        let container = |(index, &(status, essential)): (usize, &(ContainerStatus, bool))| {
            ContainerView { status, ..ContainerView::new(format!("c{index}"), essential) }
        };
        TaskView {
            desired_status: DesiredStatus::Running,
            containers: statuses.iter().enumerate().map(container).collect(),
            may_remove: false,
        }
    }

    #[test]
    fn the_hindmost_container_decides() {
        use ContainerStatus::{Created, Pending, Running, Stopped};
        for (containers, expected) in [
            (vec![(Pending, true), (Running, true)], TaskStatus::Pending),
            (vec![(Created, true), (Running, true)], TaskStatus::Pending),
            (vec![(Running, true), (Running, false)], TaskStatus::Running),
            (vec![(Running, true), (Stopped, false)], TaskStatus::Running),
            (vec![(Pending, true), (Stopped, true)], TaskStatus::Pending),
            (vec![(Stopped, true), (Stopped, false)], TaskStatus::Stopped),
        ] {
            assert_eq!(derive_status(&task(&containers)), expected, "{containers:?}");
        }
    }

    #[test]
    fn a_task_whose_essential_container_never_ran_never_runs() {
        let mut view = task(&[(ContainerStatus::Running, true), (ContainerStatus::Stopped, true)]);
        assert_eq!(derive_status(&view), TaskStatus::Pending);
        view.containers[1].exit_code = Some(1);
        assert_eq!(derive_status(&view), TaskStatus::Running, "it ran, if not for long");
        view.containers[1].exit_code = None;
        view.containers[0].status = ContainerStatus::Stopped;
        assert_eq!(derive_status(&view), TaskStatus::Stopped);
    }

    #[test]
    fn only_essential_containers_take_the_task_down() {
        let mut view = task(&[(ContainerStatus::Running, true), (ContainerStatus::Stopped, false)]);
        assert!(!is_stopping(&view));
        assert_eq!(stop_cause(&view), None);
        view.containers[0].status = ContainerStatus::Stopped;
        view.containers[0].exit_code = Some(0);
        let cause = stop_cause(&view).unwrap();
        assert_eq!(cause.code, StopCode::EssentialContainerExited);
        view.desired_status = DesiredStatus::Stopped;
        assert_eq!(stop_cause(&view), None, "whoever asked for the stop says why");
    }

    #[test]
    fn a_failure_to_start_outweighs_the_exits_it_brings_about() {
        let mut view = task(&[(ContainerStatus::Stopped, true), (ContainerStatus::Stopped, true)]);
        view.containers[0].exit_code = Some(137);
        view.containers[1].reason = Some("CannotPullContainerError: no such image".to_owned());
        let cause = stop_cause(&view).unwrap();
        assert_eq!(cause.code, StopCode::TaskFailedToStart);
        assert_eq!(cause.reason, "CannotPullContainerError: no such image");
    }
}

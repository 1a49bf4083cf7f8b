//! Status moves forward only: of a task, of its desired status, of its containers, and of its version.

use berth_ecs::tables::Task;
use berth_model::Timestamp;

use super::{Checker, Sight};

pub(super) struct Forward;

impl Checker for Forward {
    fn name(&self) -> &'static str {
        "forward"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Task { before: Some(before), after: Some(after) } => compare(before, after),
            _ => Ok(()),
        }
    }
}

fn compare(before: &Task, after: &Task) -> Result<(), String> {
    let id = after.id;
    if after.last_status < before.last_status {
        return Err(format!(
            "task {id} went from {} back to {}",
            before.last_status, after.last_status
        ));
    }
    if after.desired_status < before.desired_status {
        return Err(format!(
            "task {id} was to be {} and is to be {} again",
            before.desired_status, after.desired_status
        ));
    }
    // What its service has noted about it is nothing that users see, and protection is no change of the task (AWS).
    let noted = (after.accounted, after.protected_until);
    let is_noted =
        Task { accounted: noted.0, protected_until: noted.1, ..before.clone() } == *after;
    if after.version <= before.version && !is_noted {
        return Err(format!("task {id} changed and stayed at version {}", after.version));
    }
    if after.container_instance != before.container_instance && before.container_instance.is_some()
    {
        return Err(format!("task {id} moved to another instance"));
    }
    for (before, after) in before.containers.iter().zip(&after.containers) {
        if after.status < before.status {
            return Err(format!(
                "container {} of task {id} went from {} back to {}",
                after.name, before.status, after.status
            ));
        }
        if before.exit_code.is_some() && after.exit_code != before.exit_code {
            return Err(format!("container {} of task {id} changed its exit code", after.name));
        }
    }
    Ok(())
}

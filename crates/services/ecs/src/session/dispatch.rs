//! Rouses the sessions whose instances a commit touches: one listener for all of them.

use berth_control::cell::{Cell, Feed};

use super::Roster;
use crate::tables::{ContainerInstance, Task};

/// Runs until the cell ends.
pub async fn dispatch(cell: Cell, roster: Roster) {
    let mut changes = cell.changes();
    while let Some(feed) = changes.next().await {
        match feed {
            Feed::Resync => roster.all_changed(),
            Feed::Committed(commit) => {
                for change in &commit.changes {
                    if let Some(task) = change.of::<Task>() {
                        let task = task.latest();
                        // A task never moves to another instance; it may get its first one.
                        if let Some(instance) = task.container_instance {
                            roster.task_changed(&instance, task.id);
                        }
                    } else if let Some(instance) = change.of::<ContainerInstance>() {
                        roster.instance_changed(&instance.key());
                    }
                }
            }
        }
    }
}

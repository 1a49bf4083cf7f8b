//! No host is given up too early: a task is ended as lost only when its instance has been away for the whole time.

use std::collections::BTreeSet;

use berth_ecs::tables::Task;
use berth_model::{StopCode, TaskId, Timestamp};

use super::{Checker, Sight};
use crate::control_plane::LOST_AFTER;
use crate::records::Records;

#[derive(Default)]
pub(super) struct Lost {
    judged: BTreeSet<TaskId>,
}

/// Whether its record says that it ended because nobody heard of its host any more. One that was to stop already keeps
/// its first reason.
pub fn is_lost(task: &Task) -> bool {
    let says_so = |reason: &str| reason.starts_with("Host lost");
    task.stop_code == Some(StopCode::TerminationNotice)
        && task.stopped_reason.as_deref().is_some_and(says_so)
}

/// Whether nobody had heard of its host for the whole time when its record was ended, as long as nobody has since.
pub(super) fn ended_with_its_host(task: &Task, records: &Records) -> bool {
    let instance = task.container_instance.and_then(|id| records.instances.get(&id));
    let (Some(instance), Some(stopped_at)) = (instance, task.times.stopped_at) else {
        return false;
    };
    let since = instance.connection_changed_at.unwrap_or(instance.registered_at);
    !instance.agent_connected && stopped_at.since(since) >= LOST_AFTER
}

impl Checker for Lost {
    fn name(&self) -> &'static str {
        "lost"
    }

    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String> {
        let Sight::Records(records) = sight else { return Ok(()) };
        for task in records.tasks.values().filter(|task| is_lost(task)) {
            if !self.judged.insert(task.id) {
                continue;
            }
            if !ended_with_its_host(task, records) {
                return Err(format!("task {} was given up too early, at {now}", task.id));
            }
        }
        Ok(())
    }
}

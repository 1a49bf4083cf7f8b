//! What was acknowledged stays: a task that RunTask answered with is there, until it has been stopped for an hour.

use std::collections::BTreeSet;
use std::time::Duration;

use berth_model::{TaskId, Timestamp};

use super::{Checker, Sight};

/// AWS: a stopped task is shown for at least an hour.
const SHOWN: Duration = Duration::from_secs(60 * 60);

#[derive(Default)]
pub(super) struct Kept {
    /// All that are recorded now.
    recorded: BTreeSet<TaskId>,
    /// Those that may be gone.
    forgotten: BTreeSet<TaskId>,
}

impl Checker for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    fn see(&mut self, sight: &Sight<'_>, now: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Task { after: Some(task), .. } => {
                self.recorded.insert(task.id);
                Ok(())
            }
            Sight::Task { before: Some(task), after: None } => {
                self.recorded.remove(&task.id);
                self.forgotten.insert(task.id);
                match task.times.stopped_at {
                    Some(stopped_at) if now.since(stopped_at) >= SHOWN => Ok(()),
                    _ => Err(format!("task {} was {} and is gone", task.id, task.last_status)),
                }
            }
            // An answer comes later than its commit is announced, so nothing may be missing now.
            Sight::Started(tasks) => tasks.iter().try_for_each(|task| self.check(*task)),
            Sight::Missing(task) => self.check_missing(*task),
            _ => Ok(()),
        }
    }
}

impl Kept {
    fn check(&self, task: TaskId) -> Result<(), String> {
        match self.recorded.contains(&task) || self.forgotten.contains(&task) {
            true => Ok(()),
            false => Err(format!("RunTask answered with task {task}, which was never recorded")),
        }
    }

    fn check_missing(&self, task: TaskId) -> Result<(), String> {
        match self.forgotten.contains(&task) {
            true => Ok(()),
            false => {
                Err(format!("DescribeTasks knows no task {task}, which had been acknowledged"))
            }
        }
    }
}

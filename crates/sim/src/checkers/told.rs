//! Every change of a task that users can see is told as an event, once, in the commit that makes it; events are
//! numbered without a gap.

use std::collections::BTreeSet;

use berth_control::tables::{Change, Changed};
use berth_ecs::tables::{StateChange, Subject, Task};
use berth_model::{TaskId, Timestamp};

use super::{Checker, Sight};

#[derive(Default)]
pub(super) struct Told {
    /// The number of the newest event.
    newest: u64,
}

impl Checker for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn see(&mut self, sight: &Sight<'_>, _: Timestamp) -> Result<(), String> {
        match sight {
            Sight::Loaded { newest_event } => {
                // What was written last may never have been announced; what was announced is never taken back.
                if *newest_event < self.newest {
                    return Err(format!(
                        "event {} was announced, and the newest is {newest_event} after a restart",
                        self.newest
                    ));
                }
                self.newest = *newest_event;
                Ok(())
            }
            Sight::Commit(changes) => self.compare(changes),
            _ => Ok(()),
        }
    }
}

impl Told {
    fn compare(&mut self, changes: &[Change]) -> Result<(), String> {
        let (mut changed, mut told) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            if let Some(Changed { before, after: Some(task) }) = change.of::<Task>() {
                if before.map(|before| before.version) != Some(task.version) {
                    changed.insert((task.id, task.version));
                }
            } else if let Some(Changed { before: None, after: Some(event) }) =
                change.of::<StateChange>()
            {
                if event.sequence != self.newest + 1 {
                    return Err(format!("event {} follows {}", event.sequence, self.newest));
                }
                self.newest = event.sequence;
                told.extend(task_of(event)?);
            }
        }
        let silent: Vec<_> = changed.difference(&told).collect();
        let invented: Vec<_> = told.difference(&changed).collect();
        match (silent.first(), invented.first()) {
            (None, None) => Ok(()),
            (Some((task, version)), _) => {
                Err(format!("nobody is told of version {version} of task {task}"))
            }
            (_, Some((task, version))) => Err(format!(
                "version {version} of task {task} is told of, and the task has not become it"
            )),
        }
    }
}

fn task_of(event: &StateChange) -> Result<Option<(TaskId, u64)>, String> {
    match &event.subject {
        Subject::Task(frozen) => match frozen.thaw() {
            Ok(task) => Ok(Some((task.id, task.version))),
            Err(error) => Err(format!("event {} cannot be read: {error}", event.sequence)),
        },
        _ => Ok(None),
    }
}

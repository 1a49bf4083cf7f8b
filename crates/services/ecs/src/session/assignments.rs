//! What an agent has to be told: the difference between the tables and what this session has said.

use std::collections::BTreeMap;
use std::time::Duration;

use berth_control::tables::View;
use berth_model::{ContainerInstanceId, DesiredStatus, TaskId};
use tokio::time::Instant;

use crate::tables::Task;

/// At most this many tasks go into one payload; more go into the next.
const TASKS_PER_PAYLOAD: usize = 100;

/// How long an agent may take to acknowledge a payload before its tasks are told again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What this session has told its agent and need not repeat.
#[derive(Debug, Default)]
pub struct Told {
    tasks: BTreeMap<TaskId, DesiredStatus>,
    /// Payloads that the agent has not acknowledged yet.
    unacknowledged: BTreeMap<String, Unacknowledged>,
}

#[derive(Debug)]
struct Unacknowledged {
    tasks: Vec<TaskId>,
    overdue_at: Instant,
}

impl Told {
    /// Tasks whose intent the agent does not know yet, oldest id first; stopping before starting, as a
    /// payload is applied. A task that has reported itself running needs no second telling.
    pub fn due<'a>(&self, view: &'a impl View, instance: &ContainerInstanceId) -> Vec<&'a Task> {
        let tasks = view.table::<Task>();
        let mut due: Vec<&Task> = tasks
            .indexes()
            .awaited_by_instance
            .get(instance)
            .filter_map(|id| tasks.get(id))
            .filter(|task| self.tasks.get(&task.id) != task.told_status().as_ref())
            .collect();
        due.sort_by_key(|task| task.desired_status != DesiredStatus::Stopped);
        due.truncate(TASKS_PER_PAYLOAD);
        due
    }

    pub fn sent<'a>(
        &mut self,
        message: String,
        tasks: impl IntoIterator<Item = &'a Task>,
        now: Instant,
    ) {
        let ids = tasks.into_iter().map(|task| {
            if let Some(told) = task.told_status() {
                self.tasks.insert(task.id, told);
            }
            task.id
        });
        let sent = Unacknowledged { tasks: ids.collect(), overdue_at: now + PATIENCE };
        self.unacknowledged.insert(message, sent);
    }

    /// False: no such message is waiting, so this acknowledgement is late or a duplicate.
    pub fn acknowledged(&mut self, message: &str) -> bool {
        self.unacknowledged.remove(message).is_some()
    }

    /// When the first of the payloads that wait for their acknowledgement has waited too long.
    pub fn overdue_at(&self) -> Option<Instant> {
        self.unacknowledged.values().map(|sent| sent.overdue_at).min()
    }

    /// What was not acknowledged in time is due again.
    pub fn forget_overdue(&mut self, now: Instant) {
        self.unacknowledged.retain(|_, sent| {
            let waits = now < sent.overdue_at;
            if !waits {
                for id in &sent.tasks {
                    self.tasks.remove(id);
                }
            }
            waits
        });
    }

    /// Drops what concerns tasks that have ended, so that a long session does not grow.
    pub fn forget_ended(&mut self, view: &impl View) {
        let tasks = view.table::<Task>();
        self.tasks.retain(|id, _| tasks.get(id).is_some_and(Task::awaits_agent));
    }
}

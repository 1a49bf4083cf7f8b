//! What an agent has to be told: the difference between the tables and what this session has said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use berth_control::tables::View;
use berth_model::{ContainerInstanceId, DesiredStatus, TaskId};
use tokio::time::Instant;

use super::roster::News;
use crate::tables::Task;

/// At most this many tasks go into one payload; more go into the next.
const TASKS_PER_PAYLOAD: usize = 100;

/// How long an agent may take to acknowledge a payload before its tasks are told again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What this session has told its agent and need not repeat.
#[derive(Debug, Default)]
pub struct Told {
    tasks: BTreeMap<TaskId, DesiredStatus>,
    /// Tasks that may have to be told: an agent with a thousand others is not looked through for one.
    unsure: BTreeSet<TaskId>,
    /// Payloads that the agent has not acknowledged yet.
    unacknowledged: BTreeMap<String, Unacknowledged>,
}

#[derive(Debug)]
struct Unacknowledged {
    tasks: Vec<TaskId>,
    overdue_at: Instant,
}

impl Told {
    /// Takes in what changed; `view` is later than that.
    pub fn heard(&mut self, news: News, view: &impl View, instance: &ContainerInstanceId) {
        match news {
            News::Tasks(tasks) => self.unsure.extend(tasks),
            News::Everything => {
                let awaited = &view.table::<Task>().indexes().awaited_by_instance;
                self.unsure.extend(awaited.get(instance).copied());
                self.unsure.extend(self.tasks.keys().copied());
            }
        }
    }

    /// Tasks whose intent the agent does not know yet, oldest id first; stopping before starting, as a
    /// payload is applied. A task that has reported itself running needs no second telling.
    ///
    /// Forgets what concerns tasks of which the agent has nothing more to hear, so that a long session does not grow.
    pub fn due<'a>(&mut self, view: &'a impl View) -> Vec<&'a Task> {
        let tasks = view.table::<Task>();
        let mut due: Vec<&Task> = Vec::new();
        let told = &mut self.tasks;
        self.unsure.retain(|id| {
            let Some(task) = tasks.get(id).filter(|task| task.awaits_agent()) else {
                told.remove(id);
                return false;
            };
            let is_due = told.get(id) != task.told_status().as_ref();
            if is_due {
                due.push(task);
            }
            is_due
        });
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
                self.unsure.extend(&sent.tasks);
            }
            waits
        });
    }
}

//! What the control plane has made durable, as seen from outside: kept up to date from its commits, and held
//! on to while it is down.

use std::collections::BTreeMap;

use berth_control::cell::Snapshot;
use berth_control::tables::Change;
use berth_ecs::tables::{ContainerInstance, Task};
use berth_model::{ContainerInstanceId, TaskId};

use crate::host::HOST_ATTRIBUTE;

#[derive(Default)]
pub struct Records {
    pub tasks: BTreeMap<TaskId, Task>,
    pub instances: BTreeMap<ContainerInstanceId, ContainerInstance>,
}

/// A task's row before and after. At least one side is there.
pub struct TaskChange {
    pub before: Option<Task>,
    pub after: Option<Task>,
}

impl Records {
    /// Takes over one committed change; tells it if it is one of a task.
    pub fn apply(&mut self, change: &Change) -> Option<TaskChange> {
        if let Some(changed) = change.of::<Task>() {
            return Some(self.put_task(changed.key(), changed.after.cloned()));
        }
        if let Some(changed) = change.of::<ContainerInstance>() {
            match changed.after {
                Some(row) => self.instances.insert(row.id, row.clone()),
                None => self.instances.remove(&changed.key()),
            };
        }
        None
    }

    /// Takes over everything from a server that has just started.
    pub fn reload(&mut self, snapshot: &Snapshot) -> Vec<TaskChange> {
        let instances = snapshot.table::<ContainerInstance>();
        self.instances = instances.iter().map(|row| (row.id, row.clone())).collect();
        let tasks = snapshot.table::<Task>();
        let lost = self.tasks.keys().filter(|id| tasks.get(id).is_none()).map(|id| (*id, None));
        let held = tasks.iter().map(|row| (row.id, Some(row.clone())));
        let rows = lost.chain(held).filter(|(id, after)| self.tasks.get(id) != after.as_ref());
        let rows: Vec<(TaskId, Option<Task>)> = rows.collect();
        rows.into_iter().map(|(id, after)| self.put_task(id, after)).collect()
    }

    fn put_task(&mut self, id: TaskId, after: Option<Task>) -> TaskChange {
        let before = match &after {
            Some(row) => self.tasks.insert(id, row.clone()),
            None => self.tasks.remove(&id),
        };
        TaskChange { before, after }
    }
}

/// Which host registered this instance.
pub fn host_of(instance: &ContainerInstance) -> Option<usize> {
    instance.attributes.get(HOST_ATTRIBUTE)?.value.as_deref()?.parse().ok()
}

//! What the control plane has made durable, as seen from outside: kept up to date from its commits, and held
//! on to while it is down.

use std::collections::{BTreeMap, BTreeSet};

use berth_control::cell::Snapshot;
use berth_control::tables::{Change, Record};
use berth_ecs::tables::{ContainerInstance, ResolvedImages, Service, ServiceDeployment, Task};
use berth_model::{ContainerInstanceId, ServiceId, TaskId, TaskSetId};

use crate::host::HOST_ATTRIBUTE;

#[derive(Default)]
pub struct Records {
    pub tasks: BTreeMap<TaskId, Task>,
    pub instances: BTreeMap<ContainerInstanceId, ContainerInstance>,
    pub services: BTreeMap<ServiceId, Service>,
    pub resolved: BTreeMap<(ServiceId, TaskSetId), ResolvedImages>,
    /// Those in play whose last tasks found no place.
    pub unplaced: BTreeSet<(ServiceId, TaskSetId)>,
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
        if let Some(changed) = change.of::<Service>() {
            match changed.after {
                Some(row) => self.services.insert(row.id, row.clone()),
                None => self.services.remove(&changed.key()),
            };
        }
        if let Some(changed) = change.of::<ResolvedImages>() {
            match changed.after {
                Some(row) => self.resolved.insert(row.key(), row.clone()),
                None => self.resolved.remove(&changed.key()),
            };
        }
        if let Some(changed) = change.of::<ServiceDeployment>() {
            let wants = changed.after.is_some_and(wants_room);
            match wants {
                true => self.unplaced.insert(changed.key()),
                false => self.unplaced.remove(&changed.key()),
            };
        }
        None
    }

    /// Takes over everything from a server that has just started.
    pub fn reload(&mut self, snapshot: &Snapshot) -> Vec<TaskChange> {
        let instances = snapshot.table::<ContainerInstance>();
        self.instances = instances.iter().map(|row| (row.id, row.clone())).collect();
        let services = snapshot.table::<Service>();
        self.services = services.iter().map(|row| (row.id, row.clone())).collect();
        let resolved = snapshot.table::<ResolvedImages>();
        self.resolved = resolved.iter().map(|row| (row.key(), row.clone())).collect();
        let deployments = snapshot.table::<ServiceDeployment>();
        self.unplaced = deployments.iter().filter(|row| wants_room(row)).map(Record::key).collect();
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

fn wants_room(deployment: &ServiceDeployment) -> bool {
    deployment.is_in_play() && deployment.unplaced.tasks > 0
}

/// Which host registered this instance.
pub fn host_of(instance: &ContainerInstance) -> Option<usize> {
    instance.attributes.get(HOST_ATTRIBUTE)?.value.as_deref()?.parse().ok()
}

//! What the control plane has made durable, as seen from outside: kept up to date from its commits, and held
//! on to while it is down.

use std::collections::BTreeMap;

use berth_control::cell::Snapshot;
use berth_control::tables::{Change, Record, Table};
use berth_ecs::tables::{
    ContainerInstance, ResolvedImages, Service, ServiceDeployment, Task, TaskSet,
};
use berth_model::{ContainerInstanceId, ServiceId, TaskId, TaskSetId};

use crate::host::HOST_ATTRIBUTE;

#[derive(Default)]
pub struct Records {
    pub tasks: BTreeMap<TaskId, Task>,
    pub instances: BTreeMap<ContainerInstanceId, ContainerInstance>,
    pub wishes: Wishes,
}

/// What services are to be.
#[derive(Clone, Default)]
pub struct Wishes {
    pub services: BTreeMap<ServiceId, Service>,
    pub resolved: BTreeMap<(ServiceId, TaskSetId), ResolvedImages>,
    /// Those in play.
    pub deployments: BTreeMap<(ServiceId, TaskSetId), ServiceDeployment>,
    pub task_sets: BTreeMap<(ServiceId, TaskSetId), TaskSet>,
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
        self.wishes.apply(change);
        None
    }

    /// Takes over everything from a server that has just started.
    pub fn reload(&mut self, snapshot: &Snapshot) -> Vec<TaskChange> {
        let instances = snapshot.table::<ContainerInstance>();
        self.instances = instances.iter().map(|row| (row.id, row.clone())).collect();
        self.wishes = Wishes::of(snapshot);
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

impl Wishes {
    fn of(snapshot: &Snapshot) -> Self {
        fn all<R: Record>(table: &Table<R>) -> BTreeMap<R::Key, R> {
            table.iter().map(|row| (row.key(), row.clone())).collect()
        }
        let mut deployments = all(snapshot.table::<ServiceDeployment>());
        deployments.retain(|_, row| row.is_in_play());
        Self {
            services: all(snapshot.table::<Service>()),
            resolved: all(snapshot.table::<ResolvedImages>()),
            deployments,
            task_sets: all(snapshot.table::<TaskSet>()),
        }
    }

    fn apply(&mut self, change: &Change) {
        fn put<R: Record>(rows: &mut BTreeMap<R::Key, R>, key: R::Key, row: Option<&R>) {
            match row {
                Some(row) => rows.insert(key, row.clone()),
                None => rows.remove(&key),
            };
        }
        if let Some(changed) = change.of::<Service>() {
            put(&mut self.services, changed.key(), changed.after);
        } else if let Some(changed) = change.of::<ResolvedImages>() {
            put(&mut self.resolved, changed.key(), changed.after);
        } else if let Some(changed) = change.of::<ServiceDeployment>() {
            let in_play = changed.after.filter(|row| row.is_in_play());
            put(&mut self.deployments, changed.key(), in_play);
        } else if let Some(changed) = change.of::<TaskSet>() {
            put(&mut self.task_sets, changed.key(), changed.after);
        }
    }

    /// Its deployments in play, in no order.
    pub fn deployments_of(&self, service: ServiceId) -> impl Iterator<Item = &ServiceDeployment> {
        self.deployments.values().filter(move |row| row.service == service)
    }

    pub fn task_sets_of(&self, service: ServiceId) -> impl Iterator<Item = &TaskSet> {
        self.task_sets.values().filter(move |row| row.service == service)
    }

    /// Whether the last tasks of it that were to start found no place. Those that were to even out zones are not missed.
    pub fn is_in_want_of_room(&self, service: ServiceId) -> bool {
        let deployments = self.deployments_of(service).map(|row| &row.unplaced);
        deployments
            .chain(self.task_sets_of(service).map(|row| &row.unplaced))
            .any(|unplaced| unplaced.wants_room() && unplaced.zones.is_empty())
    }
}

/// Which host registered this instance.
pub fn host_of(instance: &ContainerInstance) -> Option<usize> {
    instance.attributes.get(HOST_ATTRIBUTE)?.value.as_deref()?.parse().ok()
}

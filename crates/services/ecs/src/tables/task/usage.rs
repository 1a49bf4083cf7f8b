//! What the tasks of each instance take together, kept as tasks come, change and go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use berth_model::{ContainerInstanceId, CpuUnits, MemoryMib, Word};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::{Reservation, Task, TaskCounts};

/// Of the tasks of one instance that are not STOPPED.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub cpu: CpuUnits,
    pub memory: MemoryMib,
    pub tcp: BTreeSet<u16>,
    pub udp: BTreeSet<u16>,
    pub gpus: BTreeSet<String>,
    pub dynamic_tcp: u32,
    pub dynamic_udp: u32,
    pub counts: TaskCounts,
    /// How many tasks of each group are there; never zero.
    pub groups: BTreeMap<Arc<str>, u32>,
}

static NOTHING: Usage = Usage {
    cpu: CpuUnits(0),
    memory: MemoryMib(0),
    tcp: BTreeSet::new(),
    udp: BTreeSet::new(),
    gpus: BTreeSet::new(),
    dynamic_tcp: 0,
    dynamic_udp: 0,
    counts: TaskCounts { running: 0, pending: 0 },
    groups: BTreeMap::new(),
};

/// By instance; one that has no tasks has no entry. A clone shares everything and stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageByInstance(OrdMap<ContainerInstanceId, Arc<Usage>>);

impl UsageByInstance {
    pub fn get(&self, instance: &ContainerInstanceId) -> &Usage {
        self.0.get(instance).map_or(&NOTHING, |usage| usage)
    }

    /// The instances whose usage is not what it was there. What both share is passed over.
    pub fn changed_since(
        &self,
        earlier: &UsageByInstance,
    ) -> impl Iterator<Item = ContainerInstanceId> {
        earlier.0.diff(&self.0).map(|item| match item {
            DiffItem::Add(id, _) | DiffItem::Remove(id, _) => *id,
            DiffItem::Update { new: (id, _), .. } => *id,
        })
    }

    /// Of all tasks at once.
    pub(super) fn of_all(tasks: &[&Task]) -> Self {
        let mut made: BTreeMap<ContainerInstanceId, Usage> = BTreeMap::new();
        for task in tasks.iter().filter(|task| task.holds_resources()) {
            if let Some(instance) = task.container_instance {
                made.entry(instance).or_default().take(task);
            }
        }
        Self(made.into_iter().map(|(instance, usage)| (instance, Arc::new(usage))).collect())
    }

    /// One task is another now, has come or has gone.
    pub(super) fn change(&mut self, before: Option<&Task>, after: Option<&Task>) {
        let (from, to) = (before.and_then(of_instance), after.and_then(of_instance));
        if let (Some((from, before)), Some((to, after))) = (from, to)
            && from == to
        {
            if takes(before) != takes(after)
                && let Some(usage) = self.0.get_mut(&from)
            {
                let usage = Arc::make_mut(usage);
                usage.give_back(before);
                usage.take(after);
            }
            return;
        }
        if let Some((instance, task)) = from
            && let Some(usage) = self.0.get_mut(&instance)
        {
            Arc::make_mut(usage).give_back(task);
            if **usage == NOTHING {
                self.0.remove(&instance);
            }
        }
        if let Some((instance, task)) = to {
            Arc::make_mut(self.0.entry(instance).or_default()).take(task);
        }
    }
}

/// The task and its instance, if it takes anything of one.
fn of_instance(task: &Task) -> Option<(ContainerInstanceId, &Task)> {
    Some((task.container_instance.filter(|_| task.holds_resources())?, task))
}

/// All of a task that [`Usage`] has to do with.
fn takes(task: &Task) -> (&Reservation, TaskCounts, &Word) {
    (&task.reserved, TaskCounts::of(task), &task.group)
}

/// A port or GPU is promised to one task at a time, which placement sees to: so sets are enough.
impl Usage {
    fn take(&mut self, task: &Task) {
        let reserved = &task.reserved;
        self.cpu = self.cpu.saturating_add(reserved.cpu);
        self.memory = self.memory.saturating_add(reserved.memory);
        self.tcp.extend(&*reserved.tcp);
        self.udp.extend(&*reserved.udp);
        self.gpus.extend(reserved.gpus.iter().cloned());
        self.dynamic_tcp += reserved.dynamic_tcp;
        self.dynamic_udp += reserved.dynamic_udp;
        self.counts.add(TaskCounts::of(task));
        match self.groups.get_mut(task.group.as_str()) {
            Some(tasks) => *tasks += 1,
            None => drop(self.groups.insert(task.group.clone().into(), 1)),
        }
    }

    fn give_back(&mut self, task: &Task) {
        let reserved = &task.reserved;
        self.cpu = self.cpu.saturating_sub(reserved.cpu);
        self.memory = self.memory.saturating_sub(reserved.memory);
        self.tcp.retain(|port| !reserved.tcp.contains(port));
        self.udp.retain(|port| !reserved.udp.contains(port));
        self.gpus.retain(|gpu| !reserved.gpus.contains(gpu));
        self.dynamic_tcp -= reserved.dynamic_tcp;
        self.dynamic_udp -= reserved.dynamic_udp;
        self.counts.subtract(TaskCounts::of(task));
        match self.groups.get_mut(task.group.as_str()) {
            Some(tasks) if *tasks > 1 => *tasks -= 1,
            _ => drop(self.groups.remove(task.group.as_str())),
        }
    }
}

//! The latest telemetry of each container, in memory: what it was 20 seconds ago is gone.
//!
//! Nothing here is durable, and nothing decides by it. It is where CloudWatch's metrics will be fed from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use berth_agent_protocol::tcs::{ContainerMetric, InstanceStorageMetrics, TaskMetric};
use berth_model::{ContainerInstanceId, TaskId, Timestamp};

/// What an agent last said of one task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSample {
    pub received_at: Timestamp,
    pub containers: Box<[ContainerMetric]>,
}

/// What each instance said, so that a report replaces all that its instance said before.
#[derive(Clone, Default)]
pub struct Telemetry {
    instances: Arc<Mutex<BTreeMap<ContainerInstanceId, Said>>>,
}

#[derive(Default)]
struct Said {
    tasks: BTreeMap<TaskId, TaskSample>,
    health_at: Option<Timestamp>,
    storage: Option<InstanceStorageMetrics>,
}

impl Telemetry {
    pub fn task(&self, instance: &ContainerInstanceId, task: &TaskId) -> Option<TaskSample> {
        self.lock().get(instance)?.tasks.get(task).cloned()
    }

    /// How full the instance's file systems are, in percent, as far as its agent can see.
    pub fn storage(&self, instance: &ContainerInstanceId) -> Option<InstanceStorageMetrics> {
        self.lock().get(instance)?.storage
    }

    pub(super) fn note_storage(
        &self,
        instance: ContainerInstanceId,
        storage: InstanceStorageMetrics,
    ) {
        self.lock().entry(instance).or_default().storage = Some(storage);
    }

    /// When the instance last said that its own health is still what its record has. It says so every 20 seconds, and
    /// nothing but this instant changes: too little to write down. `None` of one that is not connected.
    pub fn health_confirmed_at(&self, instance: &ContainerInstanceId) -> Option<Timestamp> {
        self.lock().get(instance)?.health_at
    }

    pub(crate) fn confirm_health(&self, instance: ContainerInstanceId, at: Option<Timestamp>) {
        self.lock().entry(instance).or_default().health_at = at;
    }

    /// Takes in one frame of a report; `last` ends the report and forgets what it did not name.
    pub(super) fn publish(
        &self,
        instance: ContainerInstanceId,
        received_at: Timestamp,
        tasks: impl IntoIterator<Item = (TaskId, TaskMetric)>,
        last: bool,
    ) {
        let mut instances = self.lock();
        let samples = &mut instances.entry(instance).or_default().tasks;
        for (id, metric) in tasks {
            let containers = metric.container_metrics.into();
            samples.insert(id, TaskSample { received_at, containers });
        }
        if last {
            // A report's frames come within a second; its tasks are those heard of since.
            samples.retain(|_, sample| {
                received_at.as_millis() - sample.received_at.as_millis() < 10_000
            });
        }
    }

    pub(super) fn forget(&self, instance: &ContainerInstanceId) {
        self.lock().remove(instance);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ContainerInstanceId, Said>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

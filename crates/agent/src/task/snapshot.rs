//! What others of this agent may know of a task: telemetry, manifests, the sweep.

use berth_model::{HealthStatus, TaskStatus, Timestamp};
use berth_runtime::RuntimeId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) status: TaskStatus,
    /// On its way down, whoever wanted it.
    pub(crate) is_stopping: bool,
    /// When all of it had ended.
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) containers: Vec<ContainerSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContainerSnapshot {
    pub(crate) name: String,
    pub(crate) id: Option<RuntimeId>,
    pub(crate) is_running: bool,
    /// How often it was started again; `None` without a restart policy.
    pub(crate) restarts: Option<u32>,
    /// `None` without a health check.
    pub(crate) health: Option<Health>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) status: HealthStatus,
    pub(crate) since: Timestamp,
}

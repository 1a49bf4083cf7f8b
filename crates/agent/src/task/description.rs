//! All that is known of a task at one moment, put together when somebody asks.

use berth_agent_protocol::acs;
use berth_model::{ContainerStatus, DesiredStatus, TaskStatus, Timestamp};
use berth_runtime::{Mount, RuntimeId};

use super::snapshot::Health;
use crate::report::NetworkBinding;

#[derive(Debug)]
pub(crate) struct Description {
    /// As it came, without its credentials.
    pub(crate) task: acs::Task,
    pub(crate) status: TaskStatus,
    pub(crate) desired_status: DesiredStatus,
    pub(crate) pull_started_at: Option<Timestamp>,
    pub(crate) pull_stopped_at: Option<Timestamp>,
    pub(crate) execution_stopped_at: Option<Timestamp>,
    /// In the task definition's order.
    pub(crate) containers: Vec<ContainerDescription>,
}

#[derive(Debug)]
pub(crate) struct ContainerDescription {
    pub(crate) name: String,
    /// Its name on the engine.
    pub(crate) runtime_name: String,
    /// `None` if it was never made, or is gone.
    pub(crate) id: Option<RuntimeId>,
    pub(crate) image: String,
    pub(crate) status: ContainerStatus,
    pub(crate) exit_code: Option<i32>,
    /// `None` without a restart policy.
    pub(crate) restarts: Option<u32>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) health: Option<Health>,
    pub(crate) bindings: Vec<NetworkBinding>,
    pub(crate) mounts: Vec<Mount>,
}

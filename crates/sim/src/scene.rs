//! What really runs on a host, read past any agent and any fault.

use berth_model::{TaskArn, TaskId};
use berth_runtime::fake::FakeContainer;

use crate::host::Host;

/// One host at one moment.
pub struct HostView {
    pub number: usize,
    pub cpu_units: u64,
    pub memory_mib: u64,
    pub running: Vec<Running>,
}

/// A container that runs.
pub struct Running {
    /// The engine's name for it.
    pub name: String,
    /// `None`: its label does not tell, which no agent's container may do.
    pub task: Option<TaskId>,
    /// The task definition's name for it.
    pub container: String,
    pub cpu_units: u64,
    pub memory_mib: u64,
}

/// AWS: the labels that ECS's own agent puts on.
const TASK_ARN: &str = "com.amazonaws.ecs.task-arn";
const CONTAINER_NAME: &str = "com.amazonaws.ecs.container-name";

impl HostView {
    pub fn of(host: &Host) -> Self {
        let options = host.engine.options();
        Self {
            number: host.number,
            cpu_units: u64::from(options.cpus) * 1024,
            memory_mib: options.memory.whole_mib(),
            running: host.engine.running().into_iter().map(Running::of).collect(),
        }
    }
}

impl Running {
    fn of(container: FakeContainer) -> Self {
        let FakeContainer { spec, state } = container;
        let label = |name: &str| state.labels.get(name).map(String::as_str);
        let arn = label(TASK_ARN).and_then(|arn| arn.parse::<TaskArn>().ok());
        let container = label(CONTAINER_NAME).unwrap_or_default().to_owned();
        Self {
            task: arn.map(|arn| arn.id),
            container,
            cpu_units: spec.cpu_shares.map_or(0, u64::from),
            memory_mib: spec.memory_limit.map_or(0, |limit| limit.whole_mib()),
            name: state.name,
        }
    }
}

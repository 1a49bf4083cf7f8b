//! Tasks for which there is no room yet: PROVISIONING until an instance of their capacity provider has some.
//!
//! Whoever starts tasks puts them here; `reconcilers/provisioning.rs` gives them their places. Launching instances
//! is nobody's business here.

use berth_aws_api::ecs as api;
use berth_control::cell::Transaction;
use berth_control::tables::View;
use berth_model::{ClusterId, TaskStatus};

use crate::tables::{HeldStage, Hold, Stored, Task, WaitingTask};

/// Who holds such a task.
pub const HOLDER: &str = "capacity";

/// How many more tasks of the cluster may wait.
pub fn room_to_wait(view: &impl View, cluster: ClusterId, limit: usize) -> usize {
    let waiting = view.table::<WaitingTask>().indexes().by_cluster.get(&cluster).count();
    limit.saturating_sub(waiting)
}

/// Records a task that has no instance. What it asks of its place beside its task definition is kept with it.
pub fn wait(
    tx: &mut Transaction,
    task: Task,
    constraints: &[api::PlacementConstraint],
    strategies: &[api::PlacementStrategy],
) -> Task {
    let hold = Hold { stage: HeldStage::Provisioning, by: HOLDER.to_owned() };
    let holds: Vec<Hold> = task.holds.iter().cloned().chain([hold]).collect();
    let task = Task { last_status: TaskStatus::Provisioning, holds: holds.into(), ..task };
    tx.put(WaitingTask {
        task: task.id,
        cluster: task.cluster,
        since: task.times.created_at,
        constraints: constraints.iter().cloned().map(Stored::new).collect(),
        strategies: strategies.iter().cloned().map(Stored::new).collect(),
    });
    tx.put(task.clone());
    task
}

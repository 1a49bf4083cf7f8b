//! A task that waits for an instance of its capacity provider, and what its place has to be like.

use berth_aws_api::ecs as api;
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{ClusterId, TaskId, Timestamp};
use minicbor::{Decode, Encode};

use super::Stored;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct WaitingTask {
    #[n(0)]
    pub task: TaskId,
    #[n(1)]
    pub cluster: ClusterId,
    #[n(2)]
    pub since: Timestamp,
    /// Those of the request, in the order given; the task definition has its own.
    #[n(3)]
    pub constraints: Vec<Stored<api::PlacementConstraint>>,
    #[n(4)]
    pub strategies: Vec<Stored<api::PlacementStrategy>>,
}

impl Record for WaitingTask {
    const TABLE: TableId = TableId::new(143, "ecs-waiting-tasks");
    type Key = TaskId;
    type Indexes = WaitingTaskIndexes;

    fn key(&self) -> TaskId {
        self.task
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaitingTaskIndexes {
    /// Who has waited longest comes first.
    pub by_cluster: Index<ClusterId, (Timestamp, TaskId)>,
}

impl Indexes<WaitingTask> for WaitingTaskIndexes {
    fn insert(&mut self, row: &WaitingTask) {
        self.by_cluster.insert(row.cluster, (row.since, row.task));
    }

    fn remove(&mut self, row: &WaitingTask) {
        self.by_cluster.remove(&row.cluster, &(row.since, row.task));
    }
}

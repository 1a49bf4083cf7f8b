//! A task set: a share of a service's tasks that a scheduler other than ECS's own looks after.

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_deployment::{Progress, Role};
use berth_model::{ClusterId, ServiceId, Tags, TaskDefinitionId, TaskSetId, Timestamp};
use minicbor::{Decode, Encode};

use super::Unplaced;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TaskSet {
    #[n(0)]
    pub service: ServiceId,
    /// Also its revision's, and what its tasks say they were started by.
    #[n(1)]
    pub id: TaskSetId,
    #[n(2)]
    pub task_definition: TaskDefinitionId,
    #[n(3)]
    pub external_id: Option<String>,
    /// Who made it, if not its service's owner: `CODE_DEPLOY`.
    #[n(4)]
    pub started_by: Option<String>,
    /// In percent of the service's desired count.
    #[n(5)]
    pub scale: f64,
    #[n(6)]
    pub created_at: Timestamp,
    #[n(7)]
    pub updated_at: Timestamp,
    #[n(8)]
    pub tags: Tags,
    /// What planning keeps. Its role is the set's status: PRIMARY is the one that the service is shown with,
    /// one that is DRAINING was deleted and is there until its tasks are gone.
    #[n(9)]
    pub progress: Progress,
    #[n(10)]
    pub unplaced: Unplaced,
    #[n(11)]
    pub cluster: ClusterId,
}

impl TaskSet {
    pub fn is_draining(&self) -> bool {
        self.progress.role == Role::Draining
    }

    /// AWS: rounded up. A set that drains wants none.
    pub fn computed_desired_count(&self, desired_count: u32) -> u32 {
        if self.is_draining() {
            return 0;
        }
        // A share that is whole but for what binary fractions cannot say is whole.
        (f64::from(desired_count) * self.scale / 100.0 - 1e-9).ceil().max(0.0) as u32
    }
}

impl Record for TaskSet {
    const TABLE: TableId = TableId::new(109, "ecs-task-sets");
    type Key = (ServiceId, TaskSetId);
    type Indexes = TaskSetIndexes;

    fn key(&self) -> Self::Key {
        (self.service, self.id)
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskSetIndexes {
    /// Services that would start more tasks if there were room.
    pub in_want_of_room: Index<ClusterId, (ServiceId, TaskSetId)>,
    pub by_task_definition: Index<TaskDefinitionId, (ServiceId, TaskSetId)>,
}

impl Indexes<TaskSet> for TaskSetIndexes {
    fn insert(&mut self, row: &TaskSet) {
        if row.unplaced.wants_room() {
            self.in_want_of_room.insert(row.cluster, row.key());
        }
        self.by_task_definition.insert(row.task_definition, row.key());
    }

    fn remove(&mut self, row: &TaskSet) {
        if row.unplaced.wants_room() {
            self.in_want_of_room.remove(&row.cluster, &row.key());
        }
        self.by_task_definition.remove(&row.task_definition, &row.key());
    }
}

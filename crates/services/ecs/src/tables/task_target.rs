//! A target of a target group that a task is: from when its containers run until it gets no more requests.

use berth_control::ports::{TargetChange, TargetRef};
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Scope, ServiceId, TaskId};
use minicbor::{Decode, Encode};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TaskTarget {
    #[n(0)]
    pub task: TaskId,
    /// Which of its revision's load balancers wants it.
    #[n(1)]
    pub number: u16,
    #[n(2)]
    pub service: ServiceId,
    #[n(3)]
    pub scope: Scope,
    /// The target group's ARN.
    #[n(4)]
    pub group: String,
    /// Its instance's id, or its address.
    #[n(5)]
    pub id: String,
    #[n(6)]
    pub port: u16,
}

impl TaskTarget {
    pub fn target(&self) -> TargetRef {
        TargetRef {
            scope: self.scope.clone(),
            group: self.group.clone(),
            id: self.id.clone(),
            port: self.port,
        }
    }

    fn place(&self) -> (String, u16) {
        (self.id.clone(), self.port)
    }
}

impl Record for TaskTarget {
    const TABLE: TableId = TableId::new(112, "ecs-task-targets");
    type Key = (TaskId, u16);
    type Indexes = TaskTargetIndexes;

    fn key(&self) -> Self::Key {
        (self.task, self.number)
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskTargetIndexes {
    /// A task is a target of few groups, so that these need not be in the key.
    by_place: Index<(String, u16), (TaskId, u16, ServiceId)>,
}

impl TaskTargetIndexes {
    /// The tasks that this may be about, with their services.
    pub fn at(&self, change: &TargetChange) -> impl Iterator<Item = (TaskId, ServiceId)> {
        let found = self.by_place.get(&(change.id.clone(), change.port));
        found.map(|(task, _, service)| (*task, *service))
    }
}

impl Indexes<TaskTarget> for TaskTargetIndexes {
    fn insert(&mut self, row: &TaskTarget) {
        self.by_place.insert(row.place(), (row.task, row.number, row.service));
    }

    fn remove(&mut self, row: &TaskTarget) {
        self.by_place.remove(&row.place(), &(row.task, row.number, row.service));
    }
}

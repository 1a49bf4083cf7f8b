//! Task definitions: immutable content, a status that moves, and each family's counter.

mod content;

use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{Family, Scope, Tags, TaskDefinitionId, TaskDefinitionStatus, Timestamp};
use minicbor::{Decode, Encode};

pub use content::Content;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TaskDefinition {
    #[n(0)]
    pub id: TaskDefinitionId,
    #[n(1)]
    pub scope: Scope,
    #[n(2)]
    pub family: Family,
    #[n(3)]
    pub revision: u32,
    #[n(4)]
    pub status: TaskDefinitionStatus,
    #[n(5)]
    pub registered_at: Timestamp,
    #[n(6)]
    pub deregistered_at: Option<Timestamp>,
    #[n(7)]
    pub delete_requested_at: Option<Timestamp>,
    #[n(8)]
    pub registered_by: String,
    /// What the user registered, with ECS's defaults filled in. Everything that another field here
    /// holds, or that is derived (ARN, status, instants), is absent in it.
    #[n(9)]
    pub content: Content,
    #[n(10)]
    pub tags: Tags,
}

impl Record for TaskDefinition {
    const TABLE: TableId = TableId::new(102, "ecs-task-definitions");
    type Key = TaskDefinitionId;
    type Indexes = TaskDefinitionIndexes;

    fn key(&self) -> TaskDefinitionId {
        self.id
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskDefinitionIndexes {
    /// In the order in which ListTaskDefinitions shows them: family, then revision.
    pub by_revision: Index<(Scope, Family, u32), TaskDefinitionId>,
    /// The same for ACTIVE revisions only: the last one of a family is what its bare name means.
    pub active: Index<(Scope, Family, u32), TaskDefinitionId>,
    /// Those in DELETE_IN_PROGRESS.
    pub by_delete_requested_at: Index<Timestamp, TaskDefinitionId>,
}

impl Indexes<TaskDefinition> for TaskDefinitionIndexes {
    fn insert(&mut self, row: &TaskDefinition) {
        let key = (row.scope.clone(), row.family.clone(), row.revision);
        if row.status == TaskDefinitionStatus::Active {
            self.active.insert(key.clone(), row.id);
        }
        if let Some(requested_at) = row.delete_requested_at {
            self.by_delete_requested_at.insert(requested_at, row.id);
        }
        self.by_revision.insert(key, row.id);
    }

    fn remove(&mut self, row: &TaskDefinition) {
        let key = (row.scope.clone(), row.family.clone(), row.revision);
        self.active.remove(&key, &row.id);
        if let Some(requested_at) = row.delete_requested_at {
            self.by_delete_requested_at.remove(&requested_at, &row.id);
        }
        self.by_revision.remove(&key, &row.id);
    }
}

/// A family outlives its revisions: the counter never restarts, even when all of them are deleted.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct TaskDefinitionFamily {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub family: Family,
    #[n(2)]
    pub last_revision: u32,
}

pub type FamilyKey = (Scope, Family);

impl Record for TaskDefinitionFamily {
    const TABLE: TableId = TableId::new(101, "ecs-task-definition-families");
    type Key = FamilyKey;
    type Indexes = ();

    fn key(&self) -> FamilyKey {
        (self.scope.clone(), self.family.clone())
    }

    berth_control::record_codec!();
}

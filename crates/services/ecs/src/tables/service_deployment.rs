//! A deployment of a service: how far the way to one revision has been gone.
//!
//! AWS shows the same thing twice. As an entry of a service's `deployments`, `ecs-svc/NUMBER`, it is there
//! while it is in play: the primary one, and those that still have tasks. As a service deployment it is kept
//! as history afterwards.

use berth_aws_api::ecs as api;
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_deployment::Progress;
use berth_model::{
    ClusterId, ServiceDeploymentId, ServiceId, TaskDefinitionId, TaskSetId, Timestamp,
};
use minicbor::{Decode, Encode};

use super::Stored;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ServiceDeployment {
    #[n(0)]
    pub service: ServiceId,
    /// Also its revision's, and what its tasks say they were started by.
    #[n(1)]
    pub number: TaskSetId,
    #[n(2)]
    pub id: ServiceDeploymentId,
    #[n(3)]
    pub task_definition: TaskDefinitionId,
    #[n(4)]
    pub created_at: Timestamp,
    /// Revisions that had tasks when it began.
    #[n(5)]
    pub sources: Vec<TaskSetId>,
    /// As it was when it began.
    #[n(6)]
    pub configuration: Stored<api::DeploymentConfiguration>,
    #[n(7)]
    pub progress: Progress,
    #[n(8)]
    pub unplaced: Unplaced,
    /// When it was out of play: neither primary nor with any tasks.
    #[n(9)]
    pub ended_at: Option<Timestamp>,
    #[n(10)]
    pub cluster: ClusterId,
}

/// Tasks that found no instance when they were last placed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Unplaced {
    #[n(0)]
    pub tasks: u32,
    /// Why the first of them did not, for the service's events.
    #[n(1)]
    pub because: Option<String>,
    /// The availability zones that they were meant for, if it was to even those out.
    #[n(2)]
    #[cbor(default)]
    pub zones: Vec<String>,
    /// Whether room would not have helped: they could not be launched at all.
    #[n(3)]
    #[cbor(default)]
    pub unlaunched: bool,
}

impl Unplaced {
    /// Whether an instance with room for them would change anything.
    pub fn wants_room(&self) -> bool {
        self.tasks > 0 && !self.unlaunched
    }
}

impl ServiceDeployment {
    pub fn key_of_revision(&self) -> (ServiceId, TaskSetId) {
        (self.service, self.number)
    }

    pub fn is_in_play(&self) -> bool {
        self.ended_at.is_none()
    }
}

impl Record for ServiceDeployment {
    const TABLE: TableId = TableId::new(108, "ecs-service-deployments");
    type Key = (ServiceId, TaskSetId);
    type Indexes = ServiceDeploymentIndexes;

    fn key(&self) -> Self::Key {
        (self.service, self.number)
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceDeploymentIndexes {
    /// In the order in which they began.
    pub by_service: Index<ServiceId, (Timestamp, TaskSetId)>,
    /// The same for those in play: never more than a few.
    pub in_play: Index<ServiceId, (Timestamp, TaskSetId)>,
    /// What those in play may start tasks from.
    pub by_task_definition: Index<TaskDefinitionId, (ServiceId, TaskSetId)>,
    /// Those that would start more tasks if there were room.
    pub in_want_of_room: Index<ClusterId, (ServiceId, TaskSetId)>,
    pub by_id: Index<ServiceDeploymentId, (ServiceId, TaskSetId)>,
    /// Those out of play in the order in which they may be forgotten.
    pub by_ended_at: Index<Timestamp, (ServiceId, TaskSetId)>,
}

impl Indexes<ServiceDeployment> for ServiceDeploymentIndexes {
    fn insert(&mut self, row: &ServiceDeployment) {
        let begun = (row.created_at, row.number);
        self.by_service.insert(row.service, begun);
        self.by_id.insert(row.id, row.key());
        match row.ended_at {
            Some(ended_at) => self.by_ended_at.insert(ended_at, row.key()),
            None => {
                self.in_play.insert(row.service, begun);
                if row.unplaced.wants_room() {
                    self.in_want_of_room.insert(row.cluster, row.key());
                }
                self.by_task_definition.insert(row.task_definition, row.key());
            }
        }
    }

    fn remove(&mut self, row: &ServiceDeployment) {
        let begun = (row.created_at, row.number);
        self.by_service.remove(&row.service, &begun);
        self.by_id.remove(&row.id, &row.key());
        match row.ended_at {
            Some(ended_at) => self.by_ended_at.remove(&ended_at, &row.key()),
            None => {
                self.in_play.remove(&row.service, &begun);
                if row.unplaced.wants_room() {
                    self.in_want_of_room.remove(&row.cluster, &row.key());
                }
                self.by_task_definition.remove(&row.task_definition, &row.key());
            }
        }
    }
}

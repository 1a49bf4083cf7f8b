//! A service: so many tasks of one revision, kept running.
//!
//! The row says what its owner wants. What it runs is in its revisions, how far it has come in its
//! deployments (or task sets), and what it told in its events.

use berth_aws_api::ecs as api;
use berth_control::tables::{Count, Index, Indexes, Record, TableId};
use berth_deployment::Memory;
use berth_model::{
    ClusterId, DeploymentController, SchedulingStrategy, Scope, ServiceId, ServiceName,
    ServiceStatus, Tags, TaskSetId, Timestamp,
};
use minicbor::{Decode, Encode};

use super::Stored;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Service {
    #[n(0)]
    pub id: ServiceId,
    #[n(1)]
    pub cluster: ClusterId,
    #[n(2)]
    pub scope: Scope,
    #[n(3)]
    pub name: ServiceName,
    /// AWS: a deleted service is DRAINING until its tasks are gone, and stays describable as INACTIVE.
    #[n(4)]
    pub status: ServiceStatus,
    #[n(5)]
    pub created_at: Timestamp,
    /// The ARN of whoever made it. What its tasks are called is that principal's setting.
    #[n(6)]
    pub created_by: String,
    /// `false`: made while its creator had `serviceLongArnFormat` disabled.
    #[n(7)]
    pub long_arn: bool,
    #[n(8)]
    pub scheduling_strategy: SchedulingStrategy,
    #[n(9)]
    pub controller: DeploymentController,
    /// Of no meaning for a daemon.
    #[n(10)]
    pub desired_count: u32,
    /// With ECS's defaults filled in.
    #[n(11)]
    pub deployment_configuration: Stored<api::DeploymentConfiguration>,
    /// Checked: the scheduler can read them.
    #[n(12)]
    pub placement_constraints: Vec<Stored<api::PlacementConstraint>>,
    /// The same; empty for ECS's default.
    #[n(13)]
    pub placement_strategy: Vec<Stored<api::PlacementStrategy>>,
    #[n(14)]
    pub health_check_grace_period_seconds: Option<u32>,
    #[n(15)]
    pub zone_rebalancing: bool,
    #[n(16)]
    pub propagate_tags: TagSource,
    #[n(17)]
    pub managed_tags: bool,
    #[n(18)]
    pub enable_execute_command: bool,
    #[n(19)]
    pub tags: Tags,
    /// The revision that it is shown with: the primary deployment's, or the primary task set's.
    #[n(20)]
    pub revision: Option<TaskSetId>,
    /// What planning remembers.
    #[n(21)]
    pub memory: Memory,
    /// The number of the latest event.
    #[n(22)]
    pub last_event: u64,
    /// When it became INACTIVE.
    #[n(23)]
    pub inactive_at: Option<Timestamp>,
}

/// Whose tags its tasks get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum TagSource {
    #[default]
    #[n(0)]
    Nothing,
    #[n(1)]
    TaskDefinition,
    #[n(2)]
    Service,
}

impl Service {
    /// The group of its tasks, which nobody else may name.
    pub fn group(&self) -> String {
        format!("service:{}", self.name)
    }

    pub fn is_daemon(&self) -> bool {
        self.scheduling_strategy == SchedulingStrategy::Daemon
    }

    /// Whether its tasks come in task sets that somebody else scales, not in deployments.
    pub fn has_task_sets(&self) -> bool {
        self.controller != DeploymentController::Ecs
    }
}

impl Record for Service {
    const TABLE: TableId = TableId::new(106, "ecs-services");
    type Key = ServiceId;
    type Indexes = ServiceIndexes;

    fn key(&self) -> ServiceId {
        self.id
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceIndexes {
    /// Names are unique within a cluster, whatever the status.
    pub by_name: Index<(ClusterId, ServiceName), ServiceId>,
    /// In the order in which ListServices shows them.
    pub by_cluster: Index<ClusterId, (ServiceName, ServiceId)>,
    /// How many are ACTIVE: what a cluster shows.
    pub active: Count<ClusterId>,
    /// How many are not INACTIVE: what the limit counts, and what keeps a cluster from being deleted.
    pub present: Count<ClusterId>,
    /// INACTIVE ones in the order in which they may be forgotten.
    pub by_inactive_at: Index<Timestamp, ServiceId>,
}

impl Indexes<Service> for ServiceIndexes {
    fn insert(&mut self, row: &Service) {
        self.by_name.insert((row.cluster, row.name.clone()), row.id);
        self.by_cluster.insert(row.cluster, (row.name.clone(), row.id));
        if row.status == ServiceStatus::Active {
            self.active.add(row.cluster);
        }
        if row.status != ServiceStatus::Inactive {
            self.present.add(row.cluster);
        }
        if let Some(inactive_at) = row.inactive_at {
            self.by_inactive_at.insert(inactive_at, row.id);
        }
    }

    fn remove(&mut self, row: &Service) {
        self.by_name.remove(&(row.cluster, row.name.clone()), &row.id);
        self.by_cluster.remove(&row.cluster, &(row.name.clone(), row.id));
        if row.status == ServiceStatus::Active {
            self.active.subtract(&row.cluster);
        }
        if row.status != ServiceStatus::Inactive {
            self.present.subtract(&row.cluster);
        }
        if let Some(inactive_at) = row.inactive_at {
            self.by_inactive_at.remove(&inactive_at, &row.id);
        }
    }
}

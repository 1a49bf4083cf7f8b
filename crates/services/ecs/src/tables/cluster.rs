//! A cluster: the namespace that container instances, services and tasks live in.

use std::collections::BTreeMap;

use berth_aws_api::ecs as api;
use berth_control::tables::{Count, Index, Indexes, Record, TableId};
use berth_model::{ClusterId, ClusterName, ClusterStatus, Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::Stored;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Cluster {
    #[n(0)]
    pub id: ClusterId,
    #[n(1)]
    pub scope: Scope,
    #[n(2)]
    pub name: ClusterName,
    /// AWS: a deleted cluster stays describable as INACTIVE, and creating the name again revives it.
    #[n(3)]
    pub status: ClusterStatus,
    #[n(4)]
    pub created_at: Timestamp,
    /// `containerInsights` and its like, by name.
    #[n(5)]
    pub settings: BTreeMap<String, String>,
    #[n(6)]
    pub configuration: Option<Stored<api::ClusterConfiguration>>,
    #[n(7)]
    pub service_connect_defaults: Option<Stored<api::ClusterServiceConnectDefaults>>,
    #[n(8)]
    pub capacity_providers: Vec<String>,
    #[n(9)]
    pub default_capacity_provider_strategy: Vec<Stored<api::CapacityProviderStrategyItem>>,
    #[n(10)]
    pub tags: Tags,
    #[n(11)]
    pub deleted_at: Option<Timestamp>,
}

impl Record for Cluster {
    const TABLE: TableId = TableId::new(100, "ecs-clusters");
    type Key = ClusterId;
    type Indexes = ClusterIndexes;

    fn key(&self) -> ClusterId {
        self.id
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterIndexes {
    /// Names are unique within an account and region, whatever the status.
    pub by_name: Index<(Scope, ClusterName), ClusterId>,
    /// How many are ACTIVE: what the limit counts.
    pub active: Count<Scope>,
    /// Deleted ones in the order in which they may be forgotten.
    pub by_deleted_at: Index<Timestamp, ClusterId>,
}

impl Indexes<Cluster> for ClusterIndexes {
    fn insert(&mut self, row: &Cluster) {
        self.by_name.insert((row.scope.clone(), row.name.clone()), row.id);
        if row.status == ClusterStatus::Active {
            self.active.add(row.scope.clone());
        }
        if let Some(deleted_at) = row.deleted_at {
            self.by_deleted_at.insert(deleted_at, row.id);
        }
    }

    fn remove(&mut self, row: &Cluster) {
        self.by_name.remove(&(row.scope.clone(), row.name.clone()), &row.id);
        if row.status == ClusterStatus::Active {
            self.active.subtract(&row.scope);
        }
        if let Some(deleted_at) = row.deleted_at {
            self.by_deleted_at.remove(&deleted_at, &row.id);
        }
    }
}

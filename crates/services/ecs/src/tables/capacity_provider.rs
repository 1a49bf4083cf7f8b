//! A capacity provider that somebody made: a name for the instances of one Auto Scaling group.
//!
//! FARGATE and FARGATE_SPOT are nobody's to make and have no rows.

use berth_aws_api::ecs as api;
use berth_control::tables::{Index, Indexes, Record, TableId};
use berth_model::{CapacityProviderName, Scope, Tags, Timestamp};
use minicbor::{Decode, Encode};

use super::Stored;

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct CapacityProvider {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub name: CapacityProviderName,
    /// With every default filled in.
    #[n(2)]
    pub auto_scaling_group: Stored<api::AutoScalingGroupProvider>,
    #[n(3)]
    pub tags: Tags,
    #[n(4)]
    pub created_at: Timestamp,
    /// The last change of its settings.
    #[n(5)]
    pub updated_at: Option<Timestamp>,
    /// AWS: a deleted one stays describable as INACTIVE, and its name may be used again.
    #[n(6)]
    pub deleted_at: Option<Timestamp>,
}

impl CapacityProvider {
    pub fn is_active(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// Instances come when tasks wait for them: so tasks may wait.
    pub fn is_scaled(&self) -> bool {
        let scaling = self.auto_scaling_group.managed_scaling.as_ref();
        scaling.and_then(|scaling| scaling.status.as_ref())
            == Some(&api::ManagedScalingStatus::Enabled)
    }

    pub fn group_arn(&self) -> &str {
        self.auto_scaling_group.auto_scaling_group_arn.as_deref().unwrap_or_default()
    }
}

impl Record for CapacityProvider {
    const TABLE: TableId = TableId::new(142, "ecs-capacity-providers");
    type Key = (Scope, CapacityProviderName);
    type Indexes = CapacityProviderIndexes;

    fn key(&self) -> Self::Key {
        (self.scope.clone(), self.name.clone())
    }

    berth_control::record_codec!();
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CapacityProviderIndexes {
    /// ACTIVE ones by the ARN of their group, which is of one of them at most.
    pub by_group: Index<(Scope, String), CapacityProviderName>,
    /// Deleted ones in the order in which they may be forgotten.
    pub by_deleted_at: Index<Timestamp, (Scope, CapacityProviderName)>,
}

impl Indexes<CapacityProvider> for CapacityProviderIndexes {
    fn insert(&mut self, row: &CapacityProvider) {
        match row.deleted_at {
            Some(deleted_at) => self.by_deleted_at.insert(deleted_at, row.key()),
            None => {
                let group = (row.scope.clone(), row.group_arn().to_owned());
                self.by_group.insert(group, row.name.clone());
            }
        }
    }

    fn remove(&mut self, row: &CapacityProvider) {
        match row.deleted_at {
            Some(deleted_at) => self.by_deleted_at.remove(&deleted_at, &row.key()),
            None => {
                let group = (row.scope.clone(), row.group_arn().to_owned());
                self.by_group.remove(&group, &row.name);
            }
        }
    }
}

//! What a service runs, frozen: every deployment and every task set brings a revision of its own.

use berth_aws_api::ecs as api;
use berth_control::tables::{Record, TableId};
use berth_model::{
    Family, FamilyRevision, LaunchType, ServiceId, TaskDefinitionId, TaskSetId, Timestamp,
};
use minicbor::{Decode, Encode};

use super::Stored;

/// Never changed once it is written.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ServiceRevision {
    #[n(0)]
    pub service: ServiceId,
    /// The number of the deployment or task set that brought it.
    #[n(1)]
    pub number: TaskSetId,
    #[n(2)]
    pub task_definition: TaskDefinitionId,
    /// The task definition's name, which outlives the task definition here.
    #[n(3)]
    pub family: Family,
    #[n(4)]
    pub family_revision: u32,
    /// `None` where a capacity provider strategy decides.
    #[n(5)]
    pub launch_type: Option<LaunchType>,
    #[n(6)]
    pub capacity_provider_strategy: Vec<Stored<api::CapacityProviderStrategyItem>>,
    /// Name and image of each container.
    #[n(7)]
    pub images: Vec<(String, String)>,
    #[n(8)]
    pub created_at: Timestamp,
    #[n(9)]
    #[cbor(default)]
    pub load_balancers: Vec<Stored<api::LoadBalancer>>,
    /// For each of those, the target group that tasks register with, where there are two to choose from.
    #[n(10)]
    #[cbor(default)]
    pub resolved_target_groups: Vec<String>,
}

impl ServiceRevision {
    pub fn definition_name(&self) -> FamilyRevision {
        FamilyRevision { family: self.family.clone(), revision: self.family_revision }
    }

    /// For each of its load balancers, the target group that its tasks register with.
    pub fn target_groups(&self) -> impl Iterator<Item = &str> {
        self.load_balancers.iter().enumerate().map(|(number, given)| {
            let resolved = self.resolved_target_groups.get(number).map(String::as_str);
            resolved.or(given.target_group_arn.as_deref()).unwrap_or_default()
        })
    }

    /// Whether requests can be shifted to its tasks by listener rules.
    pub fn shifts_requests(&self) -> bool {
        self.load_balancers.iter().any(|given| given.advanced_configuration.is_some())
    }

    /// Whether both run the same: then there is nothing to deploy.
    pub fn runs_the_same_as(&self, other: &Self) -> bool {
        self.task_definition == other.task_definition
            && self.launch_type == other.launch_type
            && self.capacity_provider_strategy == other.capacity_provider_strategy
            && self.load_balancers == other.load_balancers
    }
}

impl Record for ServiceRevision {
    const TABLE: TableId = TableId::new(107, "ecs-service-revisions");
    type Key = (ServiceId, TaskSetId);
    type Indexes = ();

    fn key(&self) -> Self::Key {
        (self.service, self.number)
    }

    berth_control::record_codec!();
}

//! What ECS remembers: one record type per table, and what each table keeps beside its rows.
//!
//! Numbers of tables and of fields are on disk. A number is never reused; a new field is an `Option`
//! or has a default, so that older records still load (`tests/older_records.rs`).

mod account_setting;
mod attributes;
mod capacity_provider;
mod cluster;
mod container_instance;
mod rare;
mod resolved_images;
mod service;
mod service_deployment;
mod service_event;
mod service_revision;
mod state_change;
mod stored;
mod task;
mod task_definition;
mod task_set;
mod task_target;
mod waiting_task;

pub use account_setting::{AccountSetting, AccountSettingKey, SettingOwner};
pub use attributes::{Attribute, Attributes};
pub use capacity_provider::{CapacityProvider, CapacityProviderIndexes};
pub use cluster::{Cluster, ClusterIndexes};
pub use container_instance::{
    AgentVersion, ContainerInstance, ContainerInstanceIndexes, RegisteredResources,
};
pub use rare::Rare;
pub use resolved_images::{ResolvedImage, ResolvedImages};
pub use service::{Service, ServiceIndexes, TagSource};
pub use service_deployment::{ServiceDeployment, ServiceDeploymentIndexes, Unplaced};
pub use service_event::{KEPT as SERVICE_EVENTS_KEPT, ServiceEvent};
pub use service_revision::ServiceRevision;
pub use state_change::{
    BegunDeployment, Frozen, InstanceState, ResourceChanges, StateChange, Subject,
};
pub use stored::Stored;
pub use task::{
    Attachment, Container, CredentialsIds, HeldStage, Hold, ManagedAgent, NetworkBinding,
    Reservation, RuntimeId, Task, TaskCounts, TaskIndexes, TaskTimes, Usage, UsageByInstance,
};
pub use task_definition::{
    Content, FamilyKey, TaskDefinition, TaskDefinitionFamily, TaskDefinitionIndexes,
};
pub use task_set::{TaskSet, TaskSetIndexes};
pub use task_target::{TaskTarget, TaskTargetIndexes};
pub use waiting_task::{WaitingTask, WaitingTaskIndexes};

use berth_control::env::Env;
use berth_control::tables::Schema;

use crate::events::StateChanges;

/// Registers every table of this service with the cell, and what is derived from them.
pub fn register(schema: &mut Schema, env: &Env) {
    schema.table::<Cluster>();
    schema.table::<TaskDefinitionFamily>();
    schema.table::<TaskDefinition>();
    schema.table::<ContainerInstance>();
    schema.table::<Task>();
    schema.table::<AccountSetting>();
    schema.table::<CapacityProvider>();
    schema.table::<WaitingTask>();
    schema.table::<Service>();
    schema.table::<ServiceRevision>();
    schema.table::<ResolvedImages>();
    schema.table::<ServiceDeployment>();
    schema.table::<TaskSet>();
    schema.table::<ServiceEvent>();
    schema.table::<TaskTarget>();
    schema.table::<StateChange>();
    schema.table::<ResourceChanges>();
    schema.derive(StateChanges::new(env.clock.clone()));
}

#[cfg(test)]
pub(crate) mod tests;

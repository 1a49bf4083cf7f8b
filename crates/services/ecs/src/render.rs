//! From records to AWS's shapes. ARNs are made here and nowhere else.

mod capacity_provider;
mod cluster;
mod container_instance;
mod service;
mod service_deployment;
mod task;
mod task_definition;
mod task_set;

pub use capacity_provider::{capacity_provider, capacity_provider_arn};
pub use cluster::{ClusterDetail, cluster, cluster_arn};
pub use container_instance::{
    attribute_of, container_instance, container_instance_arn, container_instance_as,
    container_instance_version,
};
pub use service::{service, service_arn, service_counts};
pub use service_deployment::{
    hook_id, service_deployment, service_deployment_arn, service_deployment_brief,
    service_revision, service_revision_arn,
};
pub use task::{attachment_arn, container_arn, task, task_arn};
pub use task_definition::{task_definition, task_definition_arn};
pub use task_set::{task_set, task_set_arn};

use berth_aws_api::ecs as api;
use berth_model::Tags;

/// Tags in key order, so that the same record always renders the same.
pub fn tags(tags: &Tags) -> Vec<api::Tag> {
    tags.iter()
        .map(|(key, value)| api::Tag { key: Some(key.clone()), value: Some(value.clone()) })
        .collect()
}

pub fn failure(arn: impl Into<String>, reason: impl Into<String>) -> api::Failure {
    api::Failure { arn: Some(arn.into()), reason: Some(reason.into()), detail: None }
}

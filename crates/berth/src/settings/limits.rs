//! Quotas: a profile, and single ones set beside it.

use berth_ecs::Limits;
use clap::ValueEnum;
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitProfile {
    /// ECS as it is
    Today,
    /// ECS as it was in its first years: 1,000 clusters, 1,000 instances and services in each, 10 tasks an instance
    Classic,
}

/// The file's `[server.limits]`: `profile`, and any quota by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimitRows {
    profile: Option<LimitProfile>,
    clusters: Option<usize>,
    container_instances_per_cluster: Option<usize>,
    containers_per_task_definition: Option<usize>,
    task_definition_bytes: Option<usize>,
    revisions_per_family: Option<u32>,
    tasks_per_run: Option<i32>,
    instances_per_start: Option<usize>,
    tasks_per_instance: Option<u32>,
    provisioning_tasks_per_cluster: Option<usize>,
    stopped_tasks: Option<usize>,
    services_per_cluster: Option<usize>,
    tasks_per_service: Option<u32>,
    task_sets_per_service: Option<usize>,
    custom_attributes_per_instance: Option<usize>,
    attributes_per_put: Option<usize>,
}

impl LimitRows {
    /// `profile` comes from the command line and wins over the file's.
    pub fn settle(self, profile: Option<LimitProfile>) -> Limits {
        let base = match profile.or(self.profile).unwrap_or(LimitProfile::Today) {
            LimitProfile::Today => Limits::default(),
            LimitProfile::Classic => Limits::classic(),
        };
        Limits {
            clusters: self.clusters.unwrap_or(base.clusters),
            container_instances_per_cluster: self
                .container_instances_per_cluster
                .unwrap_or(base.container_instances_per_cluster),
            containers_per_task_definition: self
                .containers_per_task_definition
                .unwrap_or(base.containers_per_task_definition),
            task_definition_bytes: self.task_definition_bytes.unwrap_or(base.task_definition_bytes),
            revisions_per_family: self.revisions_per_family.unwrap_or(base.revisions_per_family),
            tasks_per_run: self.tasks_per_run.unwrap_or(base.tasks_per_run),
            instances_per_start: self.instances_per_start.unwrap_or(base.instances_per_start),
            tasks_per_instance: self.tasks_per_instance.or(base.tasks_per_instance),
            provisioning_tasks_per_cluster: self
                .provisioning_tasks_per_cluster
                .unwrap_or(base.provisioning_tasks_per_cluster),
            stopped_tasks: self.stopped_tasks.unwrap_or(base.stopped_tasks),
            services_per_cluster: self.services_per_cluster.unwrap_or(base.services_per_cluster),
            tasks_per_service: self.tasks_per_service.unwrap_or(base.tasks_per_service),
            task_sets_per_service: self.task_sets_per_service.unwrap_or(base.task_sets_per_service),
            custom_attributes_per_instance: self
                .custom_attributes_per_instance
                .unwrap_or(base.custom_attributes_per_instance),
            attributes_per_put: self.attributes_per_put.unwrap_or(base.attributes_per_put),
        }
    }
}

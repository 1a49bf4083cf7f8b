//! How many of each thing there may be.
//!
//! The defaults are today's ECS quotas; `Limits::classic()` is the ECS of the first years, for those
//! who want to find out in a test whether they would have fitted. All of it is configuration.

/// Counts are per account and region unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub clusters: usize,
    pub container_instances_per_cluster: usize,
    pub containers_per_task_definition: usize,
    pub task_definition_bytes: usize,
    pub revisions_per_family: u32,
    pub tasks_per_run: i32,
    pub instances_per_start: usize,
    /// `None`: as many as fit.
    pub tasks_per_instance: Option<u32>,
    /// Those that wait for an instance of their capacity provider.
    pub provisioning_tasks_per_cluster: usize,
    /// Of all accounts and regions: those that are remembered, though ECS would for an hour. The oldest make room.
    pub stopped_tasks: usize,
    pub services_per_cluster: usize,
    pub tasks_per_service: u32,
    pub task_sets_per_service: usize,
    pub custom_attributes_per_instance: usize,
    pub attributes_per_put: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clusters: 10_000,
            container_instances_per_cluster: 5_000,
            containers_per_task_definition: 10,
            task_definition_bytes: 64 * 1024,
            revisions_per_family: 1_000_000,
            tasks_per_run: 10,
            instances_per_start: 10,
            tasks_per_instance: None,
            provisioning_tasks_per_cluster: 300,
            stopped_tasks: 500_000,
            services_per_cluster: 5_000,
            tasks_per_service: 5_000,
            task_sets_per_service: 5,
            custom_attributes_per_instance: 10,
            attributes_per_put: 10,
        }
    }
}

impl Limits {
    pub fn classic() -> Self {
        Self {
            clusters: 1_000,
            container_instances_per_cluster: 1_000,
            services_per_cluster: 1_000,
            tasks_per_service: 1_000,
            tasks_per_instance: Some(10),
            ..Self::default()
        }
    }
}

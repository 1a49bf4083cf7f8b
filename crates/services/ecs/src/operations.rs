//! One file per API operation, named after it.

pub mod create_cluster;
pub mod delete_cluster;
pub mod delete_task_definitions;
pub mod deregister_container_instance;
pub mod deregister_task_definition;
pub mod describe_clusters;
pub mod describe_container_instances;
pub mod describe_task_definition;
pub mod describe_tasks;
pub mod discover_poll_endpoint;
pub mod list_clusters;
pub mod list_container_instances;
pub mod list_task_definition_families;
pub mod list_task_definitions;
pub mod list_tasks;
pub mod put_cluster_capacity_providers;
pub mod register_container_instance;
pub mod register_task_definition;
pub mod run_task;
pub mod start_task;
pub mod stop_task;
pub mod submit_attachment_state_changes;
pub mod submit_container_state_change;
pub mod submit_task_state_change;
pub mod update_cluster;
pub mod update_cluster_settings;
pub mod update_container_agent;
pub mod update_container_instances_state;

mod attribute_input;
mod cluster_input;
mod launch;
mod overrides_input;
mod placement_input;
mod state_change_input;
mod task_support;

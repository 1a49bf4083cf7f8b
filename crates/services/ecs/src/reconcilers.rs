//! What takes more than one transaction, or waits for time to pass.

pub mod agent_connection;
pub mod forget;
pub mod forget_events;
pub mod lost_instances;
pub mod provisioning;
pub mod service;
pub mod task_definition_deletion;
pub mod traffic;
